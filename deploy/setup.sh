#!/bin/sh
# Installs what the build, the demo and the tests need beside Node.js, from Debian's packages, and nothing else.
# Nothing that it installs is started or enabled: the demo and the tests run their own copies in namespaces.
# Usage: deploy/setup.sh [--quiet] [--guests]      --guests: what `npm run guests` needs as well
set -eu

# An ordinary user's PATH, and root's after a plain `su`, lacks these: keepalived would look missing, and dpkg refuses.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

# package:program pairs; a package whose program is there already is left alone.
WANTED="g++:g++ make:make python3:python3 iproute2:ip util-linux:setpriv procps:ps
memcached:memcached nutcracker:nutcracker keepalived:keepalived tshark:tshark tcpdump:tcpdump
libmemcached-tools:memccapable php-cli:php dpkg-dev:dpkg-shlibdeps
chromium-headless-shell:chromium-headless-shell prometheus:promtool man-db:man zsh:zsh fish:fish"
PHP_MODULES="php-memcached:memcached php-memcache:memcache"
# With --guests.
GUESTS="debootstrap:debootstrap systemd-container:systemd-nspawn"

quiet=""
for option in "$@"; do
  case "$option" in
    --quiet) quiet=yes ;;
    --guests) WANTED="$WANTED $GUESTS" ;;
    *)
      echo "setup: $option is no option; usage: deploy/setup.sh [--quiet] [--guests]" >&2
      exit 2
      ;;
  esac
done

missing=""
for pair in $WANTED; do
  command -v "${pair#*:}" >/dev/null 2>&1 || missing="$missing ${pair%%:*}"
done
for pair in $PHP_MODULES; do
  ls /etc/php/*/mods-available/"${pair#*:}".ini >/dev/null 2>&1 || missing="$missing ${pair%%:*}"
done

if [ -z "$missing" ]; then
  [ -n "$quiet" ] || echo "setup: everything is here already"
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  echo "setup: these Debian packages are missing:$missing; run sudo deploy/setup.sh $*" >&2
  exit 1
fi

echo "setup: installing$missing" >&2
# A package's own service must not come up on this host: policy-rc.d 101 forbids it while we install.
policy=/usr/sbin/policy-rc.d
log=$(mktemp)
ours="$log"
trap 'rm -f $ours' EXIT
trap 'exit 1' INT TERM
if [ ! -e "$policy" ]; then
  ours="$ours $policy"
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
  cat "$log" >&2
  echo "setup: apt-get failed" >&2
  exit 1
fi
if [ -d /run/systemd/system ]; then
  for service in memcached nutcracker keepalived prometheus; do
    case " $missing " in *" $service "*) systemctl disable --quiet --now "$service" 2>/dev/null || true ;; esac
  done
fi
echo "setup: done" >&2
