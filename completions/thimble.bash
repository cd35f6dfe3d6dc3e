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
        --root | --state | --config | --mirror | --data) _thimble_paths -d ;;
        --catalog | --output | --key) _thimble_paths -f ;;
        --exposure) _thimble_words "public dmz internal" ;;
        --impact) _thimble_words "low medium high very-high" ;;
        --ecosystem)
            _thimble_words "Alpine AlmaLinux Debian Go PyPI Ubuntu crates.io npm"
            ;;
        --feed)
            compopt -o nospace 2>/dev/null
            _thimble_words "${_thimble_feeds// /= }="
            ;;
        --host | --kernel | --policy-days | --now | --database | --listen | --name | --head) COMPREPLY=() ;;
        *) return 1 ;;
    esac
}

_thimble_feeds="osv kev epss vulnrichment debian-tracker debian-dsa debian-dla metasploit exploitdb nuclei"

_thimble() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]:-} verb=${COMP_WORDS[2]:-}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        _thimble_words "scan explain feeds catalog serve server audit version-order cvss --help --version"
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
        explain) _thimble_words "$host" ;;
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
        serve) _thimble_words "--data --database --listen --name --help" ;;
        server | audit) _thimble_server_verb "$command" "$verb" ;;
    esac
}

_thimble_server_verb() { # COMMAND VERB
    local common="--data --database --help"
    if ((COMP_CWORD == 2)); then
        if [[ $1 == server ]]; then _thimble_words "check backup restore --help"; else _thimble_words "verify export --help"; fi
        return
    fi
    case $2 in
        backup | restore)
            if [[ $current == -* ]]; then _thimble_words "$common"; else _thimble_paths -f; fi
            ;;
        verify) _thimble_words "--head $common" ;;
        check | export) _thimble_words "$common" ;;
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
