"""The programs that tests, demo and pictures run beside our own: found on this machine or unpacked into a cache."""
