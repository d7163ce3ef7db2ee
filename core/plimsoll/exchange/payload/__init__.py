"""Translation of the exchange's JSON into ``plimsoll.model``: the only place that spells its field names.

Pure functions from parsed JSON (``object``) to frozen values. What is missing, of a wrong type or no finite number
raises ``Malformed`` naming the field; what is unknown and additional is ignored.
"""
