#!/usr/bin/env bash
# Carries out the Containerfile in a clean root of this machine and runs the result as a container would be run: as the
# image's user, without privileges, on a read-only file system where only /workspace and /tmp can be written to.
#
#     scripts/container-steps.sh FOLDER [ARGUMENT ...]
#
# The roots of the stages and the workspace lie in FOLDER; what was built there before is run again as it is. The
# ARGUMENTs take the place of CMD.
# In place of the base image stand this machine's own system and Python, mounted read-only. It takes Linux with mount
# namespaces (root, or a user who may make namespaces); where there are none it says so and ends with 77.
set -euo pipefail

context=$(cd "$(dirname "$0")/.." && pwd)
here=${1:?a folder}
shift

if [ -z "${IN_NAMESPACE:-}" ]; then
    own=(unshare --mount --propagation private)
    [ "$(id -u)" -eq 0 ] || own+=(--user --map-root-user)
    "${own[@]}" true 2>/dev/null || { echo "container-steps.sh: no mount namespace can be made here." >&2; exit 77; }
    IN_NAMESPACE=1 UNPRIVILEGED=$([ "$(id -u)" -eq 0 ] || echo 1) exec "${own[@]}" "$0" "$here" "$@"
fi

mkdir -p "$here"
here=$(cd "$here" && pwd)
[ ! -d "$here/workspace" ] && built='' || built=1
python=$(python3 -c 'import sys; print(sys.base_prefix)')
# What belongs to the machine and not to an image: how packages are reached from here.
machine=$(env | grep -E '^(PIP_|UV_|SSL_CERT_|REQUESTS_CA_BUNDLE=|(https?|no|all)_proxy=|(HTTPS?|NO|ALL)_PROXY=)' || true)

read_only() { # FROM TO
    mkdir -p "$2"
    mount --rbind "$1" "$2"
    mount -o remount,bind,ro "$2" 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev "$2"
}

base_image() { # ROOT
    local name
    mkdir -p "$1/root" "$1/tmp" "$1/dev" "$1/proc"
    chmod 1777 "$1/tmp"
    for name in bin sbin lib lib32 lib64 libx32 usr etc; do
        if [ -L "/$name" ]; then ln -sfn "$(readlink "/$name")" "$1/$name"; elif [ -d "/$name" ]; then read_only "/$name" "$1/$name"; fi
    done
    case $python in /usr | /usr/*) ;; *) read_only "$python" "$1$python" ;; esac
    name=$(dirname "$(readlink -f /etc/resolv.conf)")
    case $name in /etc | /) ;; *) read_only "$name" "$1$name" ;; esac
    mount --rbind /dev "$1/dev"
    mount --rbind /proc "$1/proc"
}

words() { # the words of a JSON list, each ended by a zero byte
    python3 -c 'import json, sys; sys.stdout.write("".join(word + "\0" for word in json.loads(sys.argv[1])))' "$1"
}

in_root() { # COMMAND ...: with the stage's variables, in its folder
    local variables=() line
    while IFS= read -r line; do [ -z "$line" ] || variables+=("$line"); done <<<"$machine"
    env -i "${variables[@]}" HOME="${home:-/root}" LANG=C.UTF-8 PATH="$python/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" \
        chroot "$root" "${as_user[@]}" /bin/sh -c "${setup}cd $folder && exec \"\$@\"" sh "$@"
}

copy() { # [--from=STAGE] FROM TO
    local from=$1 to
    if [ "${from#--from=}" != "$from" ]; then
        mkdir -p "$root$(dirname "$3")"
        cp -R --preserve=mode,links,timestamps "$here/${from#--from=}$2" "$root$3"
        return
    fi
    case $2 in /*) to=$root$2 ;; *) to=$root$folder/$2 ;; esac
    mkdir -p "$to"
    # What git does not know is not part of the build, as .dockerignore says in other words.
    (cd "$context/$from" && git ls-files -z --cached --others --exclude-standard | tar -c --null -T - --ignore-failed-read -f -) | tar -x --no-same-owner -C "$to" -f -
}

run() { # [--mount=type=cache,target=FOLDER] COMMAND
    local command=$1
    if [[ $command =~ ^--mount=type=cache,target=([^ ]+)\ (.*)$ ]]; then
        command=${BASH_REMATCH[2]}
        mkdir -p "${XDG_CACHE_HOME:-$HOME/.cache}" "$root${BASH_REMATCH[1]}"
        mount --bind "${XDG_CACHE_HOME:-$HOME/.cache}" "$root${BASH_REMATCH[1]}"
    fi
    in_root /bin/sh -c "$command"
}

root='' folder=/ setup='' user='' stage='' as_user=() entry=() default=()
while IFS= read -r line; do
    while [ "${line%\\}" != "$line" ]; do IFS= read -r more && line="${line%\\}${more#"${more%%[! ]*}"}"; done
    rest=${line#* }
    case $line in
        '' | '#'*) continue ;;
        'FROM '*)
            stage=${rest##* AS }
            [ "$stage" != "$rest" ] || stage=image
            root=$here/$stage folder=/ setup='' user=''
            base_image "$root"
            ;;
        'WORKDIR '*) folder=$rest && mkdir -p "$root$folder" ;;
        'COPY '* | 'RUN '*) [ -z "$built" ] || continue ;;&
        'COPY '*) read -ra arguments <<<"$rest" && copy "${arguments[@]}" ;;
        'RUN '*) run "$rest" ;;
        'ENV '*) setup+="export $rest; " ;;
        'USER '*) user=$rest ;;
        'ENTRYPOINT '*) mapfile -d '' entry < <(words "$rest") ;;
        'CMD '*) mapfile -d '' default < <(words "$rest") ;;
        'VOLUME '* | 'EXPOSE '* | 'HEALTHCHECK '* | 'STOPSIGNAL '*) ;; # for the engine that runs it
        *) echo "container-steps.sh: what is '${line%% *}' to do? Only the kinds of steps above are known." >&2 && exit 2 ;;
    esac
done <"$context/Containerfile"

mkdir -p "$here/workspace" "$root.read-only"
if [ -z "${UNPRIVILEGED:-}" ]; then
    chown "$user" "$here/workspace"
    as_user=(setpriv "--reuid=${user%:*}" "--regid=${user#*:}" --clear-groups --bounding-set=-all --no-new-privs)
fi
mount --rbind "$root" "$root.read-only"
root=$root.read-only
mount -o remount,bind,ro "$root"
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$here/workspace" "$root/workspace"
[ $# -gt 0 ] || set -- "${default[@]}"
machine='' home=/ in_root "${entry[@]}" "$@"
