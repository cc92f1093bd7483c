"""The web server in production and in the demo; arguments on the command line win."""

from kwiga.logs import logging_settings

bind = "0.0.0.0:8000"
workers = 2
worker_class = "gthread"
threads = 4
# A request may take this long; then its worker is ended and replaced.
timeout = 30
graceful_timeout = 25
keepalive = 5
# Memory that a library leaks is given back now and then, not by all workers at once.
max_requests = 10_000
max_requests_jitter = 1_000
# Paths carry the tokens of links: the request log of kwiga/middleware/requests.py names the view instead.
accesslog = None
errorlog = "-"
logconfig_dict = logging_settings(debug=False)
control_socket_disable = True
