from ocireg.serving.gunicorn_conf import *  # noqa: D100, F403
