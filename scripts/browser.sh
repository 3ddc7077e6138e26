#!/usr/bin/env sh
# Brings the browser that the page's tests look through: Debian's chromium, and poppler-utils to see its PDF.
# Does nothing where both are there; where they cannot be installed it says why, and those tests skip.
set -eu

if command -v chromium >/dev/null 2>&1 && command -v pdftoppm >/dev/null 2>&1; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "browser.sh: no apt-get here; the tests of the page in a browser will skip." >&2
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "browser.sh: not root; run 'apt-get install chromium poppler-utils' yourself to test the page in a browser." >&2
    exit 0
fi
echo "Installing chromium and poppler-utils (first time only) ..."
log=$(mktemp)
if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    chromium poppler-utils fonts-liberation; } >"$log" 2>&1; then
    rm -f "$log"
else
    echo "browser.sh: apt-get failed; the tests of the page in a browser will skip. Its last lines:" >&2
    tail -n 5 "$log" >&2
    rm -f "$log"
fi
