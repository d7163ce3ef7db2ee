"""The enforcer's doors: Alertmanager's webhook, the operator's calls, the bots' gate, metrics and a page."""
