#include "thimble/base/lines.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/shield/audit_rules.hpp"
#include "thimble/shield/control_means.hpp"
#include "thimble/shield/owned_file.hpp"
#include "thimble/shield/system_program.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace thimble::shield {
namespace {

using mitigate::FileWatch;
using mitigate::Monitoring;

constexpr std::chrono::milliseconds kBetweenLooks{100};
constexpr const char* kMerged = "/etc/audit/audit.rules";
constexpr const char* kLog = "/var/log/audit/audit.log";

bool has_line(std::string_view text, std::string_view wanted) {
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (line == wanted) {
            return true;
        }
    }
    return false;
}

std::string why_not(const Result<std::string>& asked, std::string told) {
    return asked ? std::move(told) : asked.error().text();
}

/// Opens the file as the rule wants to see it opened, and changes nothing. A start cannot be tried without harm.
bool touch(const FileWatch& watch) {
    struct stat what{};
    if (::stat(watch.path.c_str(), &what) != 0) {
        return false;
    }
    const bool is_read = watch.permissions.contains('r');
    const bool is_written = watch.permissions.contains('w') && S_ISREG(what.st_mode);
    if (!is_read && !is_written) {
        return false;
    }
    const host::Descriptor file(
        ::open(watch.path.c_str(), (is_read ? O_RDONLY : O_WRONLY) | O_CLOEXEC | O_NONBLOCK));
    return file.number() >= 0;
}

class AuditMeans final : public ControlMeans {
public:
    AuditMeans(const std::string& id, Monitoring settings)
        : key_(audit_key(id)),
          settings_(std::move(settings)),
          rules_(audit_rules(id, settings_)),
          file_{audit_rules_file(id), {}} {
        for (const std::string& rule : rules_) {
            file_.text += rule + "\n";
        }
    }

    Result<std::vector<FormerState>> remember() override {
        THIMBLE_TRY(system_program("augenrules"));  // it loads our file at the next start
        const auto merged = text_of(kMerged);
        if (!merged && merged.error().kind != ErrorKind::NotFound) {
            return merged.error();
        }
        if (merged && is_written_by_hand(*merged)) {
            return failure(
                ErrorKind::Conflict,
                "shield.foreign_rules",
                std::string(kMerged)
                    + " was written by hand, and the next start of auditd would replace it by the "
                      "files of /etc/audit/rules.d; move its rules there first");
        }
        return std::vector<FormerState>();
    }

    /// Beside the rules of others, whether these are in files or were loaded by hand: nothing but ours is loaded.
    Result<void> put_up(ControlRecord& /*record*/) override {
        THIMBLE_TRY(write_owned(file_));
        THIMBLE_TRY(unload());
        THIMBLE_TRY(output_of({"auditctl", "-R", file_.path}));
        return {};
    }

    void look(const ControlRecord& /*record*/, ControlReport& report) override {
        report.checks.push_back(look_at_owned(file_));
        const auto loaded = output_of({"auditctl", "-l"});
        for (const std::string& rule : rules_) {
            const bool is_loaded = loaded && has_line(*loaded, rule);
            report.checks.push_back(
                {.name = "rule " + rule,
                 .expected = "loaded",
                 .seen = is_loaded ? "loaded" : why_not(loaded, "not loaded"),
                 .passed = is_loaded});
        }
        for (const FileWatch& watch : settings_.watch) {
            report.checks.push_back(try_event(watch));
        }
    }

    Result<void> take_away(const ControlRecord& /*record*/) override {
        THIMBLE_TRY(remove_owned(file_.path));
        return unload();
    }

    void look_for(const ControlRecord& /*record*/, ControlReport& report) override {
        const auto loaded = output_of({"auditctl", "-l"});
        const bool is_gone = loaded && std::ranges::none_of(rules_, [&](const std::string& rule) {
                                 return has_line(*loaded, rule);
                             });
        report.checks.push_back(
            {.name = "rules",
             .expected = "none loaded",
             .seen = is_gone ? "none loaded" : why_not(loaded, "some are loaded"),
             .passed = is_gone});
    }

    Result<void> restore(const ControlRecord& /*record*/) override {
        return {};
    }  // auditd loads them

private:
    /// Those with our key, whatever document they are of.
    [[nodiscard]] Result<void> unload() const {
        THIMBLE_TRY(output_of({"auditctl", "-D", "-k", key_}));
        return {};
    }

    [[nodiscard]] ControlCheck try_event(const FileWatch& watch) const {
        ControlCheck check{
            .name = "event of " + watch.path,
            .expected = "in the log within " + std::to_string(settings_.within_seconds) + " s",
            .seen = {},
            .passed = {}};
        const auto status = output_of({"auditctl", "-s"});
        if (!status || audit_listener(*status) == 0) {
            check.seen = "no auditd listens to the kernel's events";
            return check;
        }
        const std::size_t before = size_of(kLog);
        if (!touch(watch)) {
            check.seen = "cannot be tried without harm";
            return check;
        }
        const auto began = std::chrono::steady_clock::now();
        const auto give_up = began + std::chrono::seconds(settings_.within_seconds);
        check.passed = false;
        check.seen = "not seen";
        while (check.passed == std::optional(false) && std::chrono::steady_clock::now() < give_up) {
            if (has_event(written_since(kLog, before), key_, ::getpid())) {
                const auto lasted = std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::steady_clock::now() - began);
                check.passed = true;
                check.seen = "seen after " + std::to_string(lasted.count()) + " ms";
            } else {
                std::this_thread::sleep_for(kBetweenLooks);
            }
        }
        return check;
    }

    std::string key_;
    Monitoring settings_;
    std::vector<std::string> rules_;
    OwnedFile file_;
};

}  // namespace

std::unique_ptr<ControlMeans> audit_means(const std::string& id, const Monitoring& monitoring) {
    return std::make_unique<AuditMeans>(id, monitoring);
}

}  // namespace thimble::shield
