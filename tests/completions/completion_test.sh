#!/usr/bin/env bash
# completion_test.sh [THIMBLE FEEDS PATCH SERVER FLEET CONTROL]: the completion offers what it should. Every option that the programs print
# in their help is offered, and stands in the man page.
set -euo pipefail
cd "$(dirname "$0")/../.."
thimble=${1:-}
feeds=${2:-}
patch=${3:-}
server=${4:-}
fleet=${5:-}
control=${6:-}
# shellcheck source=completions/thimble.bash
source completions/thimble.bash
failed=0

offered() { # WORD..: what is offered for the last word
    COMP_WORDS=("$@")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _thimble
    printf '%s\n' "${COMPREPLY[@]-}"
}

offers() { # WANTED WORD..
    local wanted=$1 all
    shift
    all=$(offered "$@")  # not a pipe: grep -q would end it early
    if ! grep -qxF -- "$wanted" <<<"$all"; then
        echo "not offered after \"$*\": $wanted"
        failed=1
    fi
}

offers scan thimble ""
offers --exposure thimble scan --ex
offers dmz thimble scan --exposure ""
offers very-high thimble explain curl --impact v
offers sync thimble feeds s
offers debian-tracker thimble feeds status deb
offers kev= thimble catalog build --feed k
offers crates.io thimble version-order c
offers src thimble scan --root sr
offers README.md thimble feeds import READ
offers backup thimble server b
offers cancel thimble deployments c
offers move thimble hosts m
offers approver thimble users role eve a
offers operator thimble users add eve --role o
offers revoke thimble tokens r
offers --restart-services thimble deployments start --re
offers begin thimble halt b
offers simulate thimble policy s
offers README.md thimble policy apply READ
offers --emergency thimble rollout start --e
offers verify thimble audit ""
offers README.md thimble server restore READ
offers README.md thimble catalog build --feed kev = READ

offers full thimble patch plan --level f
offers rollback thimble patch r
offers require thimble patch apply --snapshot r
offers README.md thimble patch rehearse READ
THIMBLE_STATE=$(mktemp -d)
mkdir -p "$THIMBLE_STATE/runs/20261124T111500Z-00"
offers 20261124T111500Z-00 thimble patch rollback 2026
offers 20261124T111500Z-00 thimble verify 2026
rm -r "$THIMBLE_STATE"

every_option() { # PROGRAM WORD..: each option of the help is offered and described
    local program=$1 option page=docs/man/thimble.1
    shift
    case $1 in
        patch | verify | history | doctor) page=docs/man/thimble-patch.1 ;;
        login | logout | hosts | groups | tags | patches | findings | vulnerabilities | advisories | packages | affected | \
            feed-states | tokens | deployments | jobs | patch-states | plans | runs | audit-log | users | reviews | board | halt) page=docs/man/thimble-fleet.1 ;;
        policy | rollout) page=docs/man/thimble-rollout.1 ;;
        exception) page=docs/man/thimble-exception.1 ;;
        control) page=docs/man/thimble-control.1 ;;
        serve | server | audit) page=docs/man/thimble-server.1 ;;
    esac
    for option in $("$program" "$@" --help | grep -oE '^ +(-[a-z],)?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
        offers "$option" thimble "$@" --
        if ! grep -qE "^[^\\]*(Fl|,) -${option#--}( |\$)" "$page"; then
            echo "not in $page: $option of $*"
            failed=1
        fi
    done
}
if [[ -x $thimble && -x $feeds ]]; then
    for command in scan explain; do every_option "$thimble" "$command"; done
    for verb in sync status import export; do every_option "$feeds" feeds "$verb"; done
    every_option "$feeds" catalog build
fi
if [[ -x $patch ]]; then
    for verb in plan show rehearse apply rollback resume; do every_option "$patch" patch "$verb"; done
    for command in verify history doctor; do every_option "$patch" "$command"; done
fi
if [[ -x $server ]]; then
    every_option "$server" serve
    for verb in check set-password backup restore; do every_option "$server" server "$verb"; done
    for verb in verify export; do every_option "$server" audit "$verb"; done
fi
if [[ -x $fleet ]]; then
    for command in login logout hosts groups tags patches findings vulnerabilities advisories packages affected feed-states \
        deployments jobs patch-states plans runs audit-log users reviews board; do every_option "$fleet" "$command"; done
    for verb in remove move tag; do every_option "$fleet" hosts "$verb"; done
    for verb in start show watch cancel evidence; do every_option "$fleet" deployments "$verb"; done
    for verb in begin end status; do every_option "$fleet" halt "$verb"; done
    for verb in enrol list revoke; do every_option "$fleet" tokens "$verb"; done
    for verb in add link role disable enable; do every_option "$fleet" users "$verb"; done
    for verb in validate schema simulate calendar diff apply export remove; do every_option "$fleet" policy "$verb"; done
    for verb in start show explain approve defer pause halt resume cancel skip retry review; do every_option "$fleet" rollout "$verb"; done
    for verb in list show request approve refuse renew revoke attach vex; do every_option "$fleet" exception "$verb"; done
    for verb in list show propose request approve enforce deploy verify attest retire; do every_option "$fleet" control "$verb"; done
fi
if [[ -x $control ]]; then
    for verb in virtual-patch preview deploy verify remove recover restore installed segmentation-from-host sigma suricata; do every_option "$control" control "$verb"; done
fi
exit $failed
