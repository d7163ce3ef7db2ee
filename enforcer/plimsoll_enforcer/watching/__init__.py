"""From an alert to a run: what arrives, one watch an account, what Alertmanager holds back from people."""
