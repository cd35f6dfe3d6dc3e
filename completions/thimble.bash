# Completion of thimble for bash. Installed as thimble in bash-completion's completions folder, or sourced.

_thimble_words() { # WORDS: offers those that begin with the current word
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_thimble_paths() { # -f or -d
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
}

_thimble_value() { # OPTION: offers values of an option; fails when it takes none
    case $1 in
        --root | --state | --config | --mirror | --mask | --data) _thimble_paths -d ;;
        --catalog | --output | --key | --plan) _thimble_paths -f ;;
        --level) _thimble_words "security-only upgrade upgrade-with-new full" ;;
        --conffiles) _thimble_words "keep-old refuse" ;;
        --mode) _thimble_words "detect block" ;;
        --snapshot) _thimble_words "auto require no" ;;
        --package | --exclude)
            _thimble_words "$(dpkg-query -W -f '${binary:Package} ' "$current*" 2>/dev/null)"
            ;;
        --origin)
            compopt -o nospace 2>/dev/null
            _thimble_words "origin= label= suite= codename= component= site="
            ;;
        --advisory | --cve | --probe | --probe-limit | --reason | --reserve | --settle | --settle-tries | --silence-limit | --transaction-limit | \
            --size-limit | --time-limit | --start) COMPREPLY=() ;;
        --exposure) _thimble_words "public dmz internal" ;;
        --impact) _thimble_words "low medium high very-high" ;;
        --ecosystem)
            _thimble_words "Alpine AlmaLinux Debian Go PyPI Ubuntu crates.io npm"
            ;;
        --feed)
            compopt -o nospace 2>/dev/null
            _thimble_words "${_thimble_feeds// /= }="
            ;;
        --host | --kernel | --policy-days | --now | --database | --listen | --name | --head | --pin | --group | --days | --why | \
            --tag | --where | --sort | --vulnerability | --owner | --until | --document | --control | --author | --oidc | --keep-days | --keep-documents-days) COMPREPLY=() ;;
        --format) _thimble_words "openvex csaf cyclonedx" ;;
        --role) _thimble_words "viewer operator approver administrator" ;;
        *) return 1 ;;
    esac
}

_thimble_feeds="osv kev epss vulnrichment debian-tracker debian-dsa debian-dla metasploit exploitdb nuclei"

_thimble_list_options="--json --where --sort --config --help"

_thimble_hosts_verb() { # VERB
    if ((COMP_CWORD == 2)) || [[ $1 == -* ]]; then
        _thimble_words "remove move tag --group --tag --unknown --unread $_thimble_list_options"
    else
        _thimble_words "--why --config --help"
    fi
}

_thimble_users_verb() { # VERB
    if ((COMP_CWORD == 2)); then
        _thimble_words "add link role disable enable --json --config --help"
        return
    fi
    case $1 in
        add) _thimble_words "--role --group --oidc --config --help" ;;
        role) _thimble_words "viewer operator approver administrator --why --config --help" ;;
        disable | enable) _thimble_words "--why --config --help" ;;
        *) _thimble_words "--config --help" ;;
    esac
}

_thimble_tokens_verb() { # VERB
    if ((COMP_CWORD == 2)); then
        _thimble_words "enrol list revoke --help"
        return
    fi
    case $1 in
        enrol) _thimble_words "--group --tag --reusable --days --config --help" ;;
        list) _thimble_words "--json --config --help" ;;
        *) _thimble_words "--config --help" ;;
    esac
}

_thimble_deployments_verb() { # VERB
    if ((COMP_CWORD == 2)) || [[ $1 == -* ]]; then
        _thimble_words "start show watch cancel evidence $_thimble_list_options"
        return
    fi
    case $1 in
        start)
            _thimble_words "--host --group --tag --security --all --cve --package --advisory --exclude --level --restart-services --why \
                --no-wait --json --config --help"
            ;;
        show | watch) _thimble_words "--json --config --help" ;;
        cancel) _thimble_words "--why --config --help" ;;
        *) _thimble_words "--config --help" ;;
    esac
}

_thimble_policy_verb() { # VERB
    if ((COMP_CWORD == 2)); then
        _thimble_words "validate schema simulate calendar diff apply export remove --json --config --help"
        return
    fi
    if [[ $current != -* ]]; then
        case $1 in
            validate | simulate | calendar | diff | apply) _thimble_paths -f ;;
        esac
        return
    fi
    case $1 in
        validate | diff) _thimble_words "--json --config --help" ;;
        simulate) _thimble_words "--days --json --config --help" ;;
        calendar) _thimble_words "--days --config --help" ;;
        apply) _thimble_words "--why --config --help" ;;
        *) _thimble_words "--config --help" ;;
    esac
}

_thimble_control_verb() { # VERB
    case $1 in
        virtual-patch)
            case $current in
                -*) _thimble_words "--output --mode --beside --all --json --help" ;;
                *) _thimble_paths -f ;;
            esac
            ;;
        show | list | propose) _thimble_words "--json --config --help" ;;
        request)
            case $current in
                -*) _thimble_words "--why --json --config --help" ;;
                *) _thimble_paths -f ;;
            esac
            ;;
        preview)
            case $current in
                -*) _thimble_words "--id --help" ;;
                *) _thimble_paths -f ;;
            esac
            ;;
        approve) _thimble_words "--document --until --why --json --config --help" ;;
        enforce) _thimble_words "--why --json --config --help" ;;
        attest) _thimble_words "--host --until --why --json --config --help" ;;
        renew) _thimble_words "--until --why --json --config --help" ;;
        resume) _thimble_words "--why --json --config --help" ;;
        retire) _thimble_words "--host --why --json --config --help" ;;
        deploy)
            case $current in
                -*) _thimble_words "--id --digest --job --state --root --host --why --config --json --help" ;;
                *) _thimble_paths -f ;;
            esac
            ;;
        verify) _thimble_words "--id --digest --job --state --root --host --why --config --json --help" ;;
        remove | recover) _thimble_words "--id --digest --job --state --root --json --help" ;;
        restore) _thimble_words "--packet-filter --state --root --json --help" ;;
        installed) _thimble_words "--state --root --json --help" ;;
        probe) _thimble_words "--id --digest --from --address --port --job --json --help" ;;
        segmentation-from-host) _thimble_words "--package --port --keep --help" ;;
        sigma | suricata)
            case $current in
                -*) _thimble_words "--help" ;;
                *) _thimble_paths -f ;;
            esac
            ;;
        *) _thimble_words "preview list show propose request approve enforce deploy resume verify attest renew retire remove recover restore installed probe segmentation-from-host sigma suricata virtual-patch --help" ;;
    esac
}

_thimble_rollout_verb() { # VERB
    if ((COMP_CWORD == 2)); then
        _thimble_words "start show explain approve defer pause halt resume cancel skip retry review --json --config --help"
        return
    fi
    case $1 in
        start) _thimble_words "--emergency --why --json --config --help" ;;
        show | explain) _thimble_words "--json --config --help" ;;
        approve) _thimble_words "--set --sign --valid-days --why --json --config --help" ;;
        defer) _thimble_words "--until --why --json --config --help" ;;
        *) _thimble_words "--why --json --config --help" ;;
    esac
}

_thimble_taken_back_verb() { # VERB
    if ((COMP_CWORD == 2)); then
        _thimble_words "list show review --config --help"
        return
    fi
    case $1 in
        review) _thimble_words "--why --json --config --help" ;;
        *) _thimble_words "--json --config --help" ;;
    esac
}

_thimble_exception_verb() { # VERB
    if ((COMP_CWORD == 2)); then
        _thimble_words "list show request approve refuse renew revoke attach vex --config --help"
        return
    fi
    case $1 in
        request) _thimble_words "--reason --owner --until --package --cve --host --group --tag --control --why --json --config --help" ;;
        attach)
            if [[ $current == -* ]]; then _thimble_words "--json --config --help"; else _thimble_paths -f; fi
            ;;
        vex) _thimble_words "--format --author --config --help" ;;
        renew) _thimble_words "--until --why --json --config --help" ;;
        approve) _thimble_words "--until --why --json --config --help" ;;
        refuse | revoke) _thimble_words "--why --json --config --help" ;;
        *) _thimble_words "--json --config --help" ;;
    esac
}

_thimble() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]:-} verb=${COMP_WORDS[2]:-}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        _thimble_words "scan explain patch verify history doctor feeds catalog serve server audit login logout hosts groups tags patches findings vulnerabilities advisories packages affected feed-states deployments jobs patch-states plans runs audit-log users halt policy rollout taken-back reviews exception board control tokens version-order cvss \
            --help --version"
        return
    fi
    # "=" is a word of its own: --feed kev=<file>.
    if [[ $previous == "=" || $current == "=" ]]; then
        [[ $current != "=" ]] || current=""
        _thimble_paths -f
        return
    fi
    _thimble_value "$previous" && return
    local host="--root --host --catalog --state --no-offers --all --kernel --exposure --impact --policy-days --pci --now --help"
    case $command in
        scan) _thimble_words "$host --json --sarif --csv --openvex --cyclonedx" ;;
        explain) _thimble_words "$host --json" ;;
        version-order) _thimble_words "dpkg rpm apk npm PyPI crates.io Go --strict --help" ;;
        cvss) _thimble_words "--strict --help" ;;
        catalog)
            if ((COMP_CWORD == 2)); then
                _thimble_words "build --help"
            else
                _thimble_words "--feed --output --json --help"
            fi
            ;;
        feeds) _thimble_feeds_verb "$verb" ;;
        patch) _thimble_patch_verb "$verb" ;;
        verify) _thimble_run_or "--plan --restart-services $_thimble_host" ;;
        history) _thimble_run_or "$_thimble_host" ;;
        doctor) _thimble_words "$_thimble_host" ;;
        serve) _thimble_words "--data --database --listen --name --catalog --keep-days --keep-documents-days --help" ;;
        login) _thimble_words "--pin --token-stdin --sso --administer --config --help" ;;
        logout) _thimble_words "--config --help" ;;
        hosts) _thimble_hosts_verb "$verb" ;;
        affected) _thimble_words "--json --config --help" ;;
        patches) _thimble_words "--host --group --json --config --help" ;;
        findings) _thimble_words "--host --vulnerability --group $_thimble_list_options" ;;
        vulnerabilities | advisories | packages | groups | tags) _thimble_words "--group $_thimble_list_options" ;;
        feed-states | audit-log | reviews) _thimble_words "$_thimble_list_options" ;;
        jobs) _thimble_words "--host --group $_thimble_list_options" ;;
        patch-states | plans | runs | board) _thimble_words "--host $_thimble_list_options" ;;
        users) _thimble_users_verb "$verb" ;;
        deployments) _thimble_deployments_verb "$verb" ;;
        policy) _thimble_policy_verb "$verb" ;;
        rollout) _thimble_rollout_verb "$verb" ;;
        taken-back) _thimble_taken_back_verb "$verb" ;;
        exception) _thimble_exception_verb "$verb" ;;
        control) _thimble_control_verb "$verb" ;;
        halt)
            if ((COMP_CWORD == 2)); then
                _thimble_words "begin end status --help"
            else
                _thimble_words "--why --json --config --help"
            fi
            ;;
        tokens) _thimble_tokens_verb "$verb" ;;
        server | audit) _thimble_server_verb "$command" "$verb" ;;
    esac
}

_thimble_host="--root --state --json --help"

_thimble_run_or() { # OPTIONS: a run that is kept, or an option
    if [[ $current == -* ]]; then
        _thimble_words "$1"
    else
        _thimble_words "$(cd "${THIMBLE_STATE:-/var/lib/thimble}/runs" 2>/dev/null && echo *)"
    fi
}

_thimble_plan_or() { # OPTIONS: a plan file, or an option
    if [[ $current == -* ]]; then _thimble_words "$1"; else _thimble_paths -f; fi
}

_thimble_patch_verb() { # VERB
    if ((COMP_CWORD == 2)); then
        _thimble_words "plan show rehearse apply rollback unblock resume prune --help"
        return
    fi
    case $1 in
        plan)
            _thimble_words "--security --all --cve --package --advisory --exclude --origin --pass-over-missing --level --allow-removals \
                --allow-downgrades --allow-untrusted --conffiles --no-rollback --retry --probe --probe-limit --reserve --settle --settle-tries \
                --transaction-limit --silence-limit --catalog --output --diff $_thimble_host"
            ;;
        show) _thimble_plan_or "--diff $_thimble_host" ;;
        rehearse)
            _thimble_plan_or "--mask --start --size-limit --time-limit --keep-clone --strict $_thimble_host"
            ;;
        apply)
            _thimble_plan_or "--without-rehearsal --reason --max-age --approvers --approval --approvals --snapshot --restart-services \
                $_thimble_host"
            ;;
        rollback | unblock) _thimble_run_or "--reason $_thimble_host" ;;
        resume) _thimble_words "$_thimble_host" ;;
        prune) _thimble_words "--keep --archive-days --record-days $_thimble_host" ;;
    esac
}

_thimble_server_verb() { # COMMAND VERB
    local common="--data --database --help"
    if ((COMP_CWORD == 2)); then
        if [[ $1 == server ]]; then _thimble_words "check set-password backup restore --help"; else _thimble_words "verify export --help"; fi
        return
    fi
    case $2 in
        backup | restore)
            if [[ $current == -* ]]; then _thimble_words "$common"; else _thimble_paths -f; fi
            ;;
        verify) _thimble_words "--head $common" ;;
        check | set-password | export) _thimble_words "$common" ;;
    esac
}

_thimble_feeds_verb() { # VERB
    if ((COMP_CWORD == 2)); then
        _thimble_words "sync status import export --help"
        return
    fi
    local common="--state --config --json --help"
    case $1 in
        sync) _thimble_words "$_thimble_feeds --mirror --ecosystem $common" ;;
        status) _thimble_words "$_thimble_feeds $common" ;;
        import)
            if [[ $current == -* ]]; then _thimble_words "--key --allow-older $common"; else _thimble_paths -f; fi
            ;;
        export)
            if [[ $current == -* ]]; then _thimble_words "$common"; else _thimble_paths -f; fi
            ;;
    esac
}

complete -F _thimble thimble
