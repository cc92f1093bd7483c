"""One settings file; everything that differs between machines comes from the environment.

`.data/env`, written by the local commands, is read when it is there, so that `manage.py` talks to the servers that
`bin/demo` started. The real environment always wins; `KWIGA_ENV_FILE` names another file, or none when empty.
"""

import logging
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ
import pghistory
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from kwiga.logs import logging_settings

ROOT = Path(__file__).resolve().parent.parent

env = environ.Env()
_env_file = os.environ.get("KWIGA_ENV_FILE", str(ROOT / ".data" / "env"))
if _env_file and Path(_env_file).is_file():
    environ.Env.read_env(_env_file)


def _required(variable: str) -> str:
    value: str = env.str(variable, default="")
    if not value:
        raise ImproperlyConfigured(f"Set {variable}: .env.example says what it is, and bin/demo sets it by itself.")
    return value


DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = _required("SECRET_KEY")
SECRETS_KEYS = _required("SECRETS_KEYS")

# --- Hosts: the dashboard on the root host, each school on a host of its own ---
BASE_URL = env.str("BASE_URL", default="http://localhost:8000")
_base = urlsplit(BASE_URL)
ROOT_HOST = (_base.hostname or "localhost").lower()
SITE_SCHEME = _base.scheme
SITE_PORT = _base.port
# The school of a request comes from the table of hosts alone; HostMiddleware refuses every other one.
ALLOWED_HOSTS = ["*"]
USE_X_FORWARDED_HOST = False
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
ROOT_URLCONF = "kwiga.urls_root"
SITE_URLCONF = "kwiga.urls_site"

INSTALLED_APPS = [
    "kwiga",
    "schools",
    "contacts",
    "courses",
    "offers",
    "coupons",
    "orders",
    "automations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_cotton",
    "django_prose_editor",
    "django_htmx",
    "django_structlog",
    "pghistory",
    "pgtrigger",
]
if env.bool("LINT_MIGRATIONS", default=False):
    INSTALLED_APPS.append("django_migration_linter")

MIDDLEWARE = [
    "kwiga.middleware.health.HealthMiddleware",
    "kwiga.middleware.requests.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kwiga.middleware.hosts.HostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "kwiga.middleware.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "kwiga.middleware.staff.StaffMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kwiga.middleware.doors.ClosedByDefaultMiddleware",
    "kwiga.middleware.scopes.SchoolScopeMiddleware",
    "kwiga.middleware.students.StudentMiddleware",
]

WSGI_APPLICATION = "kwiga.wsgi.application"
FORM_RENDERER = "kwiga.forms.KwigaFormRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"lucide": "kwiga.templatetags.icons"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kwiga.pages.ui.look",
                "kwiga.pages.navigation.navigation",
                "kwiga.pages.terms.footer",
            ],
        },
    }
]
COTTON_DIR = "components"
COTTON_ISOLATE_BY_DEFAULT = True

# --- Database: one schema, four logins (docs/operations.md) ---
_ALIASES = {
    "default": "APP_DATABASE_URL",
    "relay": "RELAY_DATABASE_URL",
    "ops": "OPS_DATABASE_URL",
    "owner": "DATABASE_URL",
}


def _database(variable: str) -> dict[str, object]:
    milliseconds = env.int("STATEMENT_TIMEOUT_MS", default=5_000)
    limit = 0 if variable in {"DATABASE_URL", "OPS_DATABASE_URL"} else milliseconds
    database = env.db_url(variable)
    return database | {
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            "options": f"-c statement_timeout={limit} -c lock_timeout=3000",
            # A server that is gone without a word is noticed in seconds, not in the hours TCP would take.
            "connect_timeout": 3,
            "keepalives_idle": 30,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            # What the address itself asks for, ?sslmode=require for one, has the last word.
            **database.get("OPTIONS", {}),
        },
    }


_required(_ALIASES["default"])
DATABASES = {alias: _database(variable) for alias, variable in _ALIASES.items() if env.str(variable, default="")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_LINTER_OPTIONS = {
    "exclude_apps": ["account", "auth", "contenttypes", "sessions", "pghistory", "pgtrigger"],
    # Written before the first release: no older code runs beside them.
    "ignore_name": [
        "0002_what_an_offer_says",
        "0003_files_search_and_settings",
        "0005_sending_and_kinds",
        "0003_people_lists_fields_mail",
        "0002_ways_in_and_out",
    ],
}

# Row history is append-only; its context lies inside each row (schools.tenancy.history), so no table joins the schools.
PGHISTORY_APPEND_ONLY = True
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False, db_constraint=False)

# --- Redis: messenger and short memory only; nothing that matters lives there ---
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {"default": {"BACKEND": "kwiga.cache.SteadyCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "cache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# How long a worker may keep an outbox row; a killed one's rows come back after it.
OUTBOX_LEASE_SECONDS = env.int("OUTBOX_LEASE_SECONDS", default=30)

# --- People ---
AUTH_USER_MODEL = "schools.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "schools:start"
ACCOUNT_LOGOUT_REDIRECT_URL = "landing"
ACCOUNT_ADAPTER = "kwiga.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Changing the address while confirming it is left off: allauth offers it to new addresses only, and so tells.
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_FORMS = {
    "signup": "kwiga.account_forms.SignupForm",
    "request_login_code": "kwiga.account_forms.RequestLoginCodeForm",
    "reset_password": "kwiga.account_forms.ResetPasswordForm",
    "add_email": "kwiga.account_forms.AddEmailForm",
}

# --- Mail ---
MAIL_FROM = env.str("MAIL_FROM", default="Kwiga <no-reply@localhost>")
DEFAULT_FROM_EMAIL = MAIL_FROM
SERVER_EMAIL = MAIL_FROM
KEEP_MAIL_IN = env.str("KEEP_MAIL_IN", default="")


def _mailer() -> dict[str, object]:
    if KEEP_MAIL_IN:
        return {"BACKEND": "kwiga.mailbox.KeepingBackend", "OPTIONS": {"folder": KEEP_MAIL_IN}}
    smtp = urlsplit(env.str("SMTP_URL", default="smtp://127.0.0.1:25"))
    options = {"host": smtp.hostname, "port": smtp.port or 25, "timeout": 5}
    options |= {"username": unquote(smtp.username or ""), "password": unquote(smtp.password or "")}
    options |= {"use_tls": smtp.scheme == "smtp+tls", "use_ssl": smtp.scheme == "smtps"}
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}


MAILERS = {"default": _mailer()}

# --- Payments ---
# Where the Test bank answers; empty where there is none, as in production.
TEST_BANK_URL = env.str("TEST_BANK_URL", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")

# --- Calls to addresses that schools typed ---
# "host:port" of what may be called although it is not public, or not on 443: a self-hosted receiver.
OUTBOUND_ALLOW = env.list("OUTBOUND_ALLOW", default=[])
TELEGRAM_API_BASE = env.str("TELEGRAM_API_BASE", default="https://api.telegram.org")

# --- Languages, time ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("uk", _("Ukrainian")), ("pl", _("Polish"))]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files ---
STATIC_URL = "/static/"
# What browsers load; static/css is the source of static/build/app.css.
STATICFILES_DIRS = [(folder, ROOT / "static" / folder) for folder in ("build", "favicon", "js")]
STATIC_ROOT = env.str("STATIC_ROOT", default=str(ROOT / ".data" / "static"))
# What people upload, a folder for each school; given out by our own views alone, so there is no MEDIA_URL.
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(ROOT / ".data" / "media"))
_static = "django.contrib.staticfiles.storage.StaticFilesStorage"
if not DEBUG and not env.bool("PLAIN_STATIC_FILES", default=False):
    _static = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static},
}

# --- Fences around the browser ---
SECURE = SITE_SCHEME == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "kwiga.pages.errors.csrf_failure"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "object-src": [CSP.NONE],
}

LOGGING = logging_settings(debug=DEBUG)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# A tick every five seconds is no news; what it did is logged by the drainer, and a failure always.
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_FAILURE_LOG_LEVEL = logging.ERROR
