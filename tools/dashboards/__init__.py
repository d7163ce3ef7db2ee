"""Grafana's dashboards, written by code: one module a dashboard, and the helpers that make them look alike."""
