#include "thimble/shield/web_rules.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/mitigate/security_rules.hpp"

#include <algorithm>

namespace thimble::shield {
namespace {

using mitigate::WebServer;

constexpr std::string_view kRulesFolder = "/etc/thimble/controls/";

/// No id of a control has a dot, so that no rules of a control have this name.
constexpr std::string_view kEngineName = "thimble.engine.conf";

std::string include_line(WebServer server, const std::string& path) {
    return server == WebServer::Nginx ? "modsecurity_rules_file " + path + ";\n"
                                      : "Include " + path + "\n";
}

std::string snippet_path(WebServer server, std::string_view name) {
    return ways_of(server).snippets + std::string(name);
}

constexpr std::string_view kBegin = "-A--";

/// The id of the rule of which a line of a log tells; empty: of none.
std::string_view rule_in(std::string_view line) {
    constexpr std::string_view kId = "[id \"";
    const std::size_t at = line.find(kId);
    if (at == std::string_view::npos) {
        return {};
    }
    line.remove_prefix(at + kId.size());
    return line.substr(0, line.find('"'));
}

}  // namespace

const WebServerWays& ways_of(WebServer server) {
    static const WebServerWays kNginx{
        .folder = "/etc/nginx",
        .snippets = "/etc/nginx/conf.d/",
        .test = {"nginx", "-t", "-q"},
        .settings = {"nginx", "-T", "-q"},
        .reload = {"nginx", "-s", "reload"}};
    static const WebServerWays kApache{
        .folder = "/etc/apache2",
        .snippets = "/etc/apache2/conf-enabled/",
        .test = {"apache2ctl", "configtest"},
        .settings = {},
        .reload = {"apache2ctl", "graceful"}};
    return server == WebServer::Nginx ? kNginx : kApache;
}

Result<std::vector<OwnedFile>> web_files(
    std::string_view id, const mitigate::VirtualPatchDelivery& delivery) {
    const auto mode = delivery.mode == mitigate::ShieldMode::Block ? mitigate::RuleMode::Block
                                                                   : mitigate::RuleMode::Detect;
    THIMBLE_TRY(std::string rules, mitigate::security_rules(delivery.patch, mode));
    const std::string name(id);
    OwnedFile file{std::string(kRulesFolder) + name + ".conf", std::move(rules)};
    OwnedFile snippet{
        snippet_path(delivery.server, "thimble-" + name + ".conf"),
        include_line(delivery.server, file.path)};
    return std::vector<OwnedFile>{std::move(file), std::move(snippet)};
}

std::vector<OwnedFile> engine_files(WebServer server) {
    OwnedFile rules{
        std::string(kRulesFolder) + "thimble.engine.conf",
        "SecRuleEngine On\nSecRequestBodyAccess On\nSecAuditEngine RelevantOnly\n"
        "SecAuditLogParts AHZ\nSecAuditLogType Serial\nSecAuditLog "
            + std::string(kMatchLog)
            + "\n"
              // Headers hold passwords and sessions, so that none is logged but our own mark.
              "SecRule REQUEST_HEADERS:"
            + std::string(kMarkHeader)
            + " \"@rx ^thimble-[0-9a-f]{24}$\" "
              "\"id:80000,phase:1,t:none,pass,log,auditlog,msg:'a check of thimble',"
              "logdata:'%{MATCHED_VAR}'\"\n"};
    OwnedFile snippet{
        snippet_path(server, kEngineName),
        (server == WebServer::Nginx ? "modsecurity on;\n" : "") + include_line(server, rules.path)};
    return {std::move(rules), std::move(snippet)};
}

bool has_own_engine(std::string_view settings) {
    constexpr std::string_view kFile = "# configuration file ";
    bool is_ours = false;
    Lines lines(settings);
    for (std::string_view line; lines.next(line);) {
        if (line.starts_with(kFile)) {
            const std::string_view name = line.substr(line.rfind('/') + 1);
            is_ours = name.starts_with("thimble-") || name.starts_with("thimble.");
        } else if (!is_ours && trimmed(line).starts_with("modsecurity")) {
            return true;
        }
    }
    return false;
}

LoggedRequest logged_request(
    std::string_view log, std::string_view mark, const mitigate::VirtualPatch& patch) {
    const std::size_t at = log.find(mark);
    LoggedRequest request;
    if (at == std::string_view::npos) {
        return request;
    }
    // Of this request alone: each begins with its part A.
    log = log.substr(0, log.find(kBegin, at));
    const std::size_t begin = log.rfind(kBegin, at);
    Lines lines(log.substr(begin == std::string_view::npos ? at : begin));
    for (std::string_view line; lines.next(line);) {
        const std::string_view id = rule_in(line);
        const auto number = number_in<std::uint32_t>(id);
        if (number && *number >= patch.first_id
            && *number < patch.first_id + mitigate::kIdsOfAPatch) {
            request.rule = number;
        }
        if (line.contains("Access denied")) {
            request.denied_by = id;
        }
    }
    return request;
}

}  // namespace thimble::shield
