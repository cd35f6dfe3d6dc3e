#include "thimble/rehearse/config_tests.hpp"

#include "thimble/host/host.hpp"
#include "thimble/rehearse/trial.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

constexpr std::size_t kMaxTests = 200;
constexpr std::size_t kMaxWords = 5;

/// One line of the table. A path may have "*" in a component; what it stood for is {1}, {2} … in the
/// words that follow, in the order program, configuration.
struct ConfigTest {
    std::string_view name;
    std::string_view program;        ///< has to be there
    std::string_view configuration;  ///< has to be there; each that matches is a test
    std::array<std::string_view, kMaxWords> arguments;  ///< {program} and {config} are the paths
    std::string_view run_folder;  ///< what the program wants below /run; empty: nothing
    std::string_view user;        ///< empty: root
    /// What the program, a script, has do the work; empty: itself.
    std::string_view worker = {};  // NOLINT(readability-redundant-member-init): g++ warns else
};

// To add one: a line. It must end with status 0 exactly when the configuration is good, change nothing
// and ask nobody.
constexpr auto kTests = std::to_array<ConfigTest>({
    {"apache2",
     "/usr/sbin/apache2ctl",
     "/etc/apache2/apache2.conf",
     {"configtest"},
     "/run/apache2",
     "",
     "/usr/sbin/apache2"},
    {"caddy",
     "/usr/bin/caddy",
     "/etc/caddy/Caddyfile",
     {"validate", "--config", "{config}"},
     "",
     ""},
    {"chrony", "/usr/sbin/chronyd", "/etc/chrony/chrony.conf", {"-p", "-f", "{config}"}, "", ""},
    {"dnsmasq", "/usr/sbin/dnsmasq", "/etc/dnsmasq.conf", {"--test"}, "", ""},
    {"dovecot", "/usr/sbin/dovecot", "/etc/dovecot/dovecot.conf", {"-n"}, "", ""},
    {"exim4", "/usr/sbin/exim4", "/etc/exim4", {"-bV"}, "", ""},
    {"haproxy",
     "/usr/sbin/haproxy",
     "/etc/haproxy/haproxy.cfg",
     {"-c", "-q", "-f", "{config}"},
     "/run/haproxy",
     ""},
    {"httpd", "/usr/sbin/httpd", "/etc/httpd/conf/httpd.conf", {"-t"}, "/run/httpd", ""},
    {"keepalived",
     "/usr/sbin/keepalived",
     "/etc/keepalived/keepalived.conf",
     {"--config-test"},
     "",
     ""},
    {"lighttpd",
     "/usr/sbin/lighttpd",
     "/etc/lighttpd/lighttpd.conf",
     {"-tt", "-f", "{config}"},
     "",
     ""},
    {"logrotate", "/usr/sbin/logrotate", "/etc/logrotate.conf", {"-d", "{config}"}, "", ""},
    {"mysql", "/usr/sbin/mysqld", "/etc/mysql/mysql.conf.d", {"--validate-config"}, "", "mysql"},
    {"named", "/usr/bin/named-checkconf", "/etc/bind/named.conf", {}, "", ""},
    {"named", "/usr/sbin/named-checkconf", "/etc/named.conf", {}, "", ""},
    {"nginx", "/usr/sbin/nginx", "/etc/nginx/nginx.conf", {"-t", "-q"}, "", ""},
    {"php", "/usr/bin/php", "/etc/*/*.php", {"-l", "{config}"}, "", ""},
    {"php-fpm", "/usr/sbin/php-fpm*", "/etc/php", {"-t"}, "/run/php", ""},
    {"postfix", "/usr/sbin/postfix", "/etc/postfix/main.cf", {"check"}, "", ""},
    {"postgresql",
     "/usr/lib/postgresql/*/bin/postgres",
     "/etc/postgresql/{1}/*/postgresql.conf",
     {"-C", "max_connections", "--config-file={config}"},
     "",
     "postgres"},
    {"proftpd", "/usr/sbin/proftpd", "/etc/proftpd/proftpd.conf", {"-t"}, "/run/proftpd", ""},
    {"rsyslog", "/usr/sbin/rsyslogd", "/etc/rsyslog.conf", {"-N1"}, "", ""},
    {"samba", "/usr/bin/testparm", "/etc/samba/smb.conf", {"-s"}, "/run/samba", ""},
    {"slapd", "/usr/sbin/slaptest", "/etc/ldap/slapd.d", {"-u"}, "", ""},
    {"squid", "/usr/sbin/squid", "/etc/squid/squid.conf", {"-k", "parse"}, "", ""},
    {"sshd", "/usr/sbin/sshd", "/etc/ssh/sshd_config", {"-t"}, "/run/sshd", ""},
    {"sudo", "/usr/sbin/visudo", "/etc/sudoers", {"-c"}, "", ""},
    {"unbound", "/usr/sbin/unbound-checkconf", "/etc/unbound/unbound.conf", {}, "", ""},
    {"unit",
     "/usr/bin/systemd-analyze",
     "/etc/systemd/system/*.service",
     {"verify", "--man=no", "--recursive-errors=no", "{config}"},
     "",
     ""},
});

/// A path that matches a pattern, with what each "*" stood for.
struct Match {
    std::string path;
    std::vector<std::string> stars;
};

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

std::string with_stars(std::string text, const std::vector<std::string>& stars) {
    for (std::size_t n = 0; n < stars.size(); ++n) {
        text = replaced(std::move(text), "{" + std::to_string(n + 1) + "}", stars[n]);
    }
    return text;
}

/// What the one "*" of a component stands for in a name; false: no match.
bool match_component(std::string_view pattern, std::string_view name, std::string& star) {
    const std::size_t at = pattern.find('*');
    const std::string_view head = pattern.substr(0, at);
    const std::string_view tail = pattern.substr(at + 1);
    if (name.size() < head.size() + tail.size() || !name.starts_with(head) || !name.ends_with(tail)
        || name.starts_with('.')) {
        return false;
    }
    star = name.substr(head.size(), name.size() - head.size() - tail.size());
    return true;
}

std::vector<Match> one_further(
    host::Host& host, const std::vector<Match>& matches, std::string_view component) {
    std::vector<Match> next;
    for (const Match& match : matches) {
        if (!component.contains('*')) {
            Match longer = match;
            longer.path.append("/").append(component);
            next.push_back(std::move(longer));
            continue;
        }
        const auto names = host.list(match.path.empty() ? "/" : match.path);
        for (const std::string& name : names ? *names : std::vector<std::string>()) {
            std::string star;
            if (match_component(component, name, star) && next.size() < kMaxTests) {
                Match longer = match;
                longer.path.append("/").append(name);
                longer.stars.push_back(std::move(star));
                next.push_back(std::move(longer));
            }
        }
    }
    return next;
}

/// The paths of the host that a pattern stands for, sorted.
std::vector<Match> find_matches(host::Host& host, std::string_view pattern) {
    std::vector<Match> matches{Match{}};
    while (!pattern.empty()) {
        pattern.remove_prefix(1);  // the slash
        const std::size_t end = std::min(pattern.find('/'), pattern.size());
        matches = one_further(host, matches, pattern.substr(0, end));
        pattern.remove_prefix(end);
    }
    std::erase_if(matches, [&](const Match& match) {
        return !host.look(match.path, host::Follow::Yes).has_value();
    });
    return matches;
}

Trial trial_of(const ConfigTest& test, const Match& program, const Match& configuration) {
    Trial trial{
        .name = "config " + std::string(test.name),
        .argv = {program.path},
        .user = std::string(test.user),
        .run_folder = std::string(test.run_folder),
        .worker = std::string(test.worker)};
    if (test.configuration.contains('*')) {
        trial.name += " " + configuration.path;
    } else if (test.program.contains('*')) {
        trial.name += " " + program.path;
    }
    for (const std::string_view word : test.arguments) {
        if (!word.empty()) {
            trial.argv.push_back(with_stars(
                replaced(std::string(word), "{config}", configuration.path), program.stars));
        }
    }
    return trial;
}

void add_tests(
    host::Host& host, const ConfigTest& test, const Match& program, std::vector<Trial>& trials) {
    const std::string pattern = with_stars(std::string(test.configuration), program.stars);
    for (const Match& configuration : find_matches(host, pattern)) {
        if (trials.size() < kMaxTests) {
            trials.push_back(trial_of(test, program, configuration));
        }
    }
}

}  // namespace

std::vector<Trial> find_config_tests(host::Host& host) {
    std::vector<Trial> trials;
    for (const ConfigTest& test : kTests) {
        for (const Match& program : find_matches(host, test.program)) {
            add_tests(host, test, program, trials);
        }
    }
    return trials;
}

}  // namespace thimble::rehearse
