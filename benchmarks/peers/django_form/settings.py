"""A plain Django: the middleware and session store of `startproject`, persistent connections, durable commits."""

import os
import secrets

NAME = os.environ["DATABASE_NAME"]
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": NAME,
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
    },
}
POSTGRES = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": NAME,
    "USER": os.environ.get("PGUSER"),
    "HOST": os.environ.get("PGHOST"),
    "PORT": os.environ.get("PGPORT"),
    "CONN_MAX_AGE": None,
}
DATABASES = {"default": SQLITE if NAME.endswith(".db") else POSTGRES}
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or secrets.token_urlsafe(50)
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "django_form.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django_form",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
