"""gunicorn as this project runs it, the same from ``ocireg serve`` and from ``gunicorn -c conf/gunicorn.conf.py``."""
