"""What runs in the containers of EndpointLoadTest: a master and workers of Locust, which send requests to a real-time endpoint."""

import locust as _locust  # noqa: F401 - first of all: it makes sockets and sleeps cooperative (gevent's monkey patch)
