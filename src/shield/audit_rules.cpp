#include "thimble/shield/audit_rules.hpp"

#include "thimble/base/lines.hpp"

namespace thimble::shield {

std::string audit_key(std::string_view id) {
    return "thimble-" + std::string(id);
}

std::vector<std::string> audit_rules(std::string_view id, const mitigate::Monitoring& settings) {
    std::vector<std::string> rules;
    rules.reserve(settings.watch.size() + settings.programs.size());
    const std::string key = " -k " + audit_key(id);
    for (const mitigate::FileWatch& watch : settings.watch) {
        std::string rule = "-w " + watch.path;
        rules.push_back(rule.append(" -p ").append(watch.permissions).append(key));
    }
    for (const std::string& program : settings.programs) {
        std::string rule = "-w " + program;
        rules.push_back(rule.append(" -p x").append(key));
    }
    return rules;
}

bool has_event(std::string_view log, std::string_view key, long process) {
    const std::string by = " pid=" + std::to_string(process) + " ";
    const std::string with = "key=\"" + std::string(key) + "\"";
    Lines lines(log);
    for (std::string_view line; lines.next(line);) {
        if (line.starts_with("type=SYSCALL ") && line.find(by) != std::string_view::npos
            && line.find(with) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

long audit_listener(std::string_view status) {
    Lines lines(status);
    for (std::string_view line; lines.next(line);) {
        if (take_word(line) == "pid") {
            return number_in<long>(take_word(line)).value_or(0);
        }
    }
    return 0;
}

}  // namespace thimble::shield
