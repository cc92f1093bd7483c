# The store as one image: web, worker, beat and setup differ only in their command.

FROM python:3.13-slim AS packages
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=/venv
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups


# Builders and their results; of this stage only the results go on.
FROM packages AS build
RUN UV_PROJECT_ENVIRONMENT=/builders uv sync --frozen
COPY . .
RUN STATIC_ROOT=/app/collected /builders/bin/python -m kwiga.local build \
    && /venv/bin/python -m compileall -q .


FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/app/collected
RUN useradd --system --uid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin shop \
    && install --directory --owner=10001 --mode=0750 /data/media
COPY --from=packages /venv /venv
COPY --from=build /app /app
WORKDIR /app
# Nothing but the folder of uploads belongs to this user, so nothing else can be changed by the process.
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=5)"]
CMD ["gunicorn", "kwiga.wsgi:application"]
