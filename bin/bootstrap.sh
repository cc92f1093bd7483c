# Sourced by the commands in bin/, from the project's folder: leaves a .venv with the locked packages, or explains in one
# sentence why it cannot and ends the command. POSIX sh.

refuse() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Room for the packages and the servers' data; asked for only where .venv has still to be made.
room_needed_mb=1000
bootstrap_log=.data/bootstrap.log

# The project needs 3.12 to 3.14. Each candidate is run: a name on PATH may be a shim that leads nowhere.
project_python_test='import sys, ssl, ctypes
if not (3, 12) <= sys.version_info[:2] <= (3, 14): sys.exit(1)
print(sys.executable)'
# uv can be installed by any Python 3 that makes virtual environments.
any_python_test='import sys, venv, ensurepip, ssl
if sys.version_info[0] != 3: sys.exit(1)
print(sys.executable)'

# try_python TEST PROGRAM: prints the real path of PROGRAM when it passes TEST.
try_python() {
    [ -x "$2" ] && [ ! -d "$2" ] && "$2" -c "$1" 2>/dev/null </dev/null
}

# find_python TEST NAME...: the first fitting program of these names on PATH.
find_python() {
    test_code=$1
    shift
    for name in "$@"; do
        old_ifs=$IFS
        IFS=:
        for folder in $PATH; do
            IFS=$old_ifs
            try_python "$test_code" "${folder:-.}/$name" && return 0
        done
        IFS=$old_ifs
    done
    return 1
}

find_project_python() {
    find_python "$project_python_test" python3.13 python3.14 python3.12 python3 python && return 0
    for home in "${PYENV_ROOT:-}" "${HOME:-}/.pyenv"; do
        for version in 3.13 3.14 3.12; do
            for candidate in "$home/versions/$version"*/bin/python; do
                try_python "$project_python_test" "$candidate" && return 0
            done
        done
    done
    return 1
}

# Runs a command, shows the lines of it that tell its progress, and keeps all in the log.
run_quietly() {
    rm -f .data/bootstrap.done
    { "$@" 2>&1 </dev/null && echo yes >.data/bootstrap.done; } 2>/dev/null | tee "$bootstrap_log" 2>/dev/null | while IFS= read -r line; do
        case $line in
            Downloading* | *" Downloaded "* | Prepared* | Installed*) printf '  %s\n' "$line" ;;
        esac
    done
    [ -e .data/bootstrap.done ] && rm -f .data/bootstrap.done
}

free_mb() {
    df -Pk . 2>/dev/null | awk 'NR == 2 { print int($4 / 1000) }'
}

# Where the sentence says it all, neither the log nor an empty folder is left.
forget_attempt() {
    rm -f "$bootstrap_log"
    rmdir .data 2>/dev/null || true
}

# Says why run_quietly failed: a full disk and a missing network have a sentence of their own.
explain_failure() {
    free=$(free_mb)
    if [ "${free:-1000}" -lt 50 ] || grep -qi -e 'no space left' -e 'quota exceeded' "$bootstrap_log" 2>/dev/null; then
        forget_attempt
        refuse "The disk that holds $PWD is full: free $room_needed_mb MB and start again."
    fi
    if grep -qiE 'dns error|name resolution|failed to (fetch|download)|error sending request|connection (error|refused)|network is unreachable|no matching distribution|timed out' "$bootstrap_log" 2>/dev/null; then
        forget_attempt
        refuse "$1 could not be downloaded: check the network and the access to the package index, then start again."
    fi
    refuse "$1 could not be installed: $(grep -v '^[[:space:]]*$' "$bootstrap_log" | tail -n 3 | tr '\n' ' ')"
}

prepare_folder() {
    if ! { mkdir -p .data && echo probe >.data/probe && rm -f .data/probe; } 2>/dev/null; then
        refuse "The folder $PWD cannot be written to: put the project into a folder of your own and start again."
    fi
    if [ ! -d .venv ]; then
        free=$(free_mb)
        if [ "${free:-$room_needed_mb}" -lt "$room_needed_mb" ]; then
            forget_attempt
            refuse "The disk that holds $PWD is full ($free MB left, $room_needed_mb MB are needed): free some space and start again."
        fi
    fi
}

uv_works() {
    "$1" sync --help 2>/dev/null </dev/null | grep -q -e '--inexact'
}

# Sets $uv: the one on PATH, or one of our own in .data/uv.
find_uv() {
    uv=$(command -v uv 2>/dev/null) && uv_works "$uv" && return 0
    uv=.data/uv/bin/uv
    uv_works "$uv" && return 0
    maker=$(find_python "$any_python_test" python3 python3.13 python3.14 python3.12 python3.11 python3.10 python) ||
        maker=$(find_project_python) ||
        refuse "No Python was found that can make virtual environments: install python3 with its venv package (python3-venv on Debian and Ubuntu), or uv."
    echo "Installing uv …"
    rm -rf .data/uv .data/uv.new
    if ! run_quietly "$maker" -m venv .data/uv.new ||
        ! run_quietly .data/uv.new/bin/python -m pip install --disable-pip-version-check --no-input 'uv>=0.9,<1'; then
        rm -rf .data/uv.new
        explain_failure "The installer uv"
    fi
    mv .data/uv.new .data/uv
}

# Where a company checks the traffic, only the system knows the certificate; on a bare machine, only uv knows any.
sync_packages() {
    run_quietly "$uv" sync --frozen --inexact --no-progress "$@" && return 0
    grep -qi 'certificate' "$bootstrap_log" 2>/dev/null || return 1
    export UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1
    run_quietly "$uv" sync --frozen --inexact --no-progress "$@"
}

# bootstrap GROUP...: the packages of the project and of these groups.
bootstrap() {
    unset PYTHONHOME PYTHONPATH VIRTUAL_ENV
    prepare_folder
    find_uv
    groups=
    for group in "$@"; do groups="$groups --group $group"; done
    export UV_PROJECT_ENVIRONMENT="$PWD/.venv"
    if try_python "$project_python_test" .venv/bin/python >/dev/null; then
        set -- --python .venv/bin/python
        export UV_PYTHON_DOWNLOADS=never
        fresh=no
    elif python=$(find_project_python); then
        set -- --python "$python"
        export UV_PYTHON_DOWNLOADS=never
        fresh=yes
    else
        echo "No Python 3.12, 3.13 or 3.14 was found, so uv fetches one …"
        set -- --python 3.13
        export UV_PYTHON_DOWNLOADS=automatic UV_PYTHON_INSTALL_DIR="$PWD/.data/python"
        fresh=yes
    fi
    [ "$fresh" = no ] || echo "Installing the packages of uv.lock …"
    # shellcheck disable=SC2086
    if ! sync_packages $groups "$@"; then
        [ "$fresh" = no ] || rm -rf .venv
        [ "$UV_PYTHON_DOWNLOADS" = never ] || refuse "No Python 3.12, 3.13 or 3.14 was found, and uv could not fetch one: install Python 3.13 and start again."
        explain_failure "A package"
    fi
    rm -f "$bootstrap_log"
}
