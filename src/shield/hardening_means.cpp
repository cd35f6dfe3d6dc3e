#include "thimble/base/lines.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/mitigate/unit_sandbox.hpp"
#include "thimble/shield/control_means.hpp"
#include "thimble/shield/hardening_steps.hpp"
#include "thimble/shield/owned_file.hpp"
#include "thimble/shield/package_means.hpp"
#include "thimble/shield/system_program.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace thimble::shield {
namespace {

using mitigate::BlacklistedModule;
using mitigate::DisabledUnit;
using mitigate::KernelSetting;
using mitigate::RemovedPackage;
using mitigate::UnitSandbox;
using Memories = std::vector<FormerState>;

/// A name never begins with "-", but "--" says it once more.
Result<void> systemctl(std::vector<std::string> words) {
    words.insert(words.begin(), "systemctl");
    THIMBLE_TRY(output_of(std::move(words)));
    return {};
}

Result<std::string> show(const std::string& unit, const std::string& properties) {
    return output_of({"systemctl", "show", "--property=" + properties, "--", unit});
}

ControlCheck check_of(std::string name, std::string expected, std::string seen) {
    ControlCheck check{std::move(name), std::move(expected), std::move(seen), {}};
    check.passed = check.expected == check.seen;
    return check;
}

/// What is the same for all of them: the file.
class HardeningMeans : public ControlMeans {
public:
    Result<void> put_up(ControlRecord& record) override {
        if (file_) {
            THIMBLE_TRY(write_owned(*file_));
        }
        return enforce(record);
    }
    void look(const ControlRecord& record, ControlReport& report) override {
        if (file_) {
            report.checks.push_back(look_at_owned(*file_));
        }
        observe(record, report);
    }
    Result<void> take_away(const ControlRecord& record) override {
        if (file_) {
            THIMBLE_TRY(remove_owned(file_->path));
        }
        return give_back(record);
    }
    void look_for(const ControlRecord& record, ControlReport& report) override {
        std::error_code unknown;
        const bool is_there = file_ && (std::filesystem::exists(file_->path, unknown) || unknown);
        report.checks.push_back(check_of("file", "none", is_there ? "there" : "none"));
        observe_former(record, report);
    }
    Result<void> restore(const ControlRecord& /*record*/) override { return {}; }  // by the file

protected:
    explicit HardeningMeans(std::optional<OwnedFile> file) : file_(std::move(file)) {}

    virtual Result<void> enforce(const ControlRecord& record) = 0;
    virtual void observe(const ControlRecord& record, ControlReport& report) = 0;
    virtual Result<void> give_back(const ControlRecord& record) = 0;
    virtual void observe_former(const ControlRecord& record, ControlReport& report) = 0;

private:
    std::optional<OwnedFile> file_;
};

class DisabledUnitMeans final : public HardeningMeans {
public:
    explicit DisabledUnitMeans(DisabledUnit settings)
        : HardeningMeans({}), unit_(std::move(settings.unit)) {}

    Result<Memories> remember() override {
        THIMBLE_TRY(const std::string shown, show(unit_, kProperties));
        if (shown_property(shown, "LoadState") == "not-found") {
            return failure(ErrorKind::NotFound, "shield.no_unit", "this host has no unit " + unit_);
        }
        return Memories{
            {"enabled", shown_property(shown, "UnitFileState")},
            {"active", shown_property(shown, "ActiveState")}};
    }

private:
    static constexpr const char* kProperties = "LoadState,ActiveState,UnitFileState";

    Result<void> enforce(const ControlRecord& /*record*/) override {
        THIMBLE_TRY(systemctl({"disable", "--now", "--", unit_}));
        // Masked, neither a socket, another unit nor an upgrade starts it. A unit whose file is the owner's own cannot be.
        static_cast<void>(systemctl({"mask", "--", unit_}));
        return {};
    }

    void observe(const ControlRecord& /*record*/, ControlReport& report) override {
        const auto shown = show(unit_, kProperties);
        const std::string active = shown ? shown_property(*shown, "ActiveState") : "unknown";
        const std::string enabled = shown ? shown_property(*shown, "UnitFileState") : "unknown";
        report.checks.push_back(
            {.name = unit_ + " runs",
             .expected = "inactive",
             .seen = active,
             .passed = active == "inactive" || active == "failed"});
        report.checks.push_back(
            {.name = unit_ + " is started",
             .expected = "masked or disabled",
             .seen = enabled,
             .passed = enabled == "masked" || enabled == "disabled"});
    }

    Result<void> give_back(const ControlRecord& record) override {
        const std::string enabled = former(record, "enabled");
        if (enabled != "masked") {
            static_cast<void>(systemctl({"unmask", "--", unit_}));
        }
        if (enabled == "enabled") {
            THIMBLE_TRY(systemctl({"enable", "--", unit_}));
        }
        if (former(record, "active") == "active") {
            THIMBLE_TRY(systemctl({"start", "--", unit_}));
        }
        return {};
    }

    void observe_former(const ControlRecord& record, ControlReport& report) override {
        const auto shown = show(unit_, kProperties);
        report.checks.push_back(check_of(
            unit_ + " is started",
            former(record, "enabled"),
            shown ? shown_property(*shown, "UnitFileState") : shown.error().text()));
    }

    std::string unit_;
};

class ModuleMeans final : public HardeningMeans {
public:
    ModuleMeans(BlacklistedModule settings, std::optional<OwnedFile> file)
        : HardeningMeans(std::move(file)), module_(std::move(settings.module)) {}

    Result<Memories> remember() override {
        THIMBLE_TRY(const std::string modules, text_of("/proc/modules"));
        const auto users = users_of_module(modules, module_);
        std::error_code unknown;
        if (!users && std::filesystem::exists("/sys/module/" + module_, unknown)) {
            return failure(
                ErrorKind::Unsupported,
                "shield.built_in",
                module_ + " is built into this kernel, and cannot be kept out");
        }
        return Memories{{"loaded", users ? "yes" : "no"}};
    }

private:
    Result<void> enforce(const ControlRecord& record) override {
        if (former(record, "loaded") == "yes") {
            THIMBLE_TRY(output_of({"rmmod", "--", module_}));
        }
        return {};
    }

    void observe(const ControlRecord& /*record*/, ControlReport& report) override {
        const auto modules = text_of("/proc/modules");
        const bool is_loaded = !modules || users_of_module(*modules, module_).has_value();
        report.checks.push_back(
            check_of("module " + module_, "not loaded", is_loaded ? "loaded" : "not loaded"));
    }

    Result<void> give_back(const ControlRecord& record) override {
        if (former(record, "loaded") == "yes") {
            THIMBLE_TRY(output_of({"modprobe", "--", module_}));
        }
        return {};
    }

    void observe_former(const ControlRecord& record, ControlReport& report) override {
        const auto modules = text_of("/proc/modules");
        const bool is_loaded = modules && users_of_module(*modules, module_).has_value();
        const bool was_loaded = former(record, "loaded") == "yes";
        report.checks.push_back(
            {.name = "module " + module_,
             .expected = was_loaded ? "loaded" : "not kept out",
             .seen = is_loaded ? "loaded" : "not loaded",
             .passed = is_loaded || !was_loaded});
    }

    std::string module_;
};

class SettingMeans final : public HardeningMeans {
public:
    SettingMeans(KernelSetting settings, std::optional<OwnedFile> file)
        : HardeningMeans(std::move(file)), setting_(std::move(settings)) {}

    Result<Memories> remember() override {
        THIMBLE_TRY(const std::string value, text_of(path_of_setting(setting_.name)));
        return Memories{{"value", normal_value(value)}};
    }

private:
    [[nodiscard]] Result<void> set(const std::string& value) const {
        const std::string path = path_of_setting(setting_.name);
        const host::Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        const std::string line = value + "\n";
        if (file.number() < 0
            || ::write(file.number(), line.data(), line.size())
                != static_cast<ssize_t>(line.size())) {
            return host::system_error(errno, path);
        }
        return {};
    }

    Result<void> enforce(const ControlRecord& /*record*/) override { return set(setting_.value); }

    void observe(const ControlRecord& /*record*/, ControlReport& report) override {
        report.checks.push_back(check_of(setting_.name, normal_value(setting_.value), value_now()));
    }

    /// Of a record that never came so far as to ask there is nothing to give back.
    Result<void> give_back(const ControlRecord& record) override {
        const std::string value = former(record, "value");
        return value.empty() ? Result<void>() : set(value);
    }

    void observe_former(const ControlRecord& record, ControlReport& report) override {
        report.checks.push_back(check_of(setting_.name, former(record, "value"), value_now()));
    }

    [[nodiscard]] std::string value_now() const {
        const auto value = text_of(path_of_setting(setting_.name));
        return value ? normal_value(*value) : value.error().text();
    }

    KernelSetting setting_;
};

class SandboxMeans final : public HardeningMeans {
public:
    SandboxMeans(UnitSandbox settings, std::optional<OwnedFile> file)
        : HardeningMeans(std::move(file)), sandbox_(std::move(settings)) {}

    Result<Memories> remember() override {
        THIMBLE_TRY(const std::string shown, show(sandbox_.unit, "LoadState,ActiveState"));
        if (shown_property(shown, "LoadState") != "loaded") {
            return failure(
                ErrorKind::NotFound, "shield.no_unit", "this host has no unit " + sandbox_.unit);
        }
        return Memories{{"active", shown_property(shown, "ActiveState")}};
    }

private:
    /// What runs keeps the rights with which it was started.
    Result<void> begin_anew() {
        THIMBLE_TRY(systemctl({"daemon-reload"}));
        return systemctl({"try-restart", "--", sandbox_.unit});
    }

    Result<void> enforce(const ControlRecord& /*record*/) override { return begin_anew(); }

    void observe(const ControlRecord& record, ControlReport& report) override {
        for (const UnitSandbox::Directive& directive : sandbox_.directives) {
            const auto shown = show(sandbox_.unit, directive.name);
            ControlCheck check{
                .name = sandbox_.unit + " " + directive.name,
                .expected = directive.value,
                .seen = shown ? shown_property(*shown, directive.name) : shown.error().text(),
                .passed = {}};
            check.passed = mitigate::is_same_sandbox(check.expected, check.seen);
            report.checks.push_back(std::move(check));
        }
        if (former(record, "active") == "active") {
            const auto shown = show(sandbox_.unit, "ActiveState");
            report.checks.push_back(check_of(
                sandbox_.unit + " runs",
                "active",
                shown ? shown_property(*shown, "ActiveState") : shown.error().text()));
        }
    }

    Result<void> give_back(const ControlRecord& /*record*/) override { return begin_anew(); }

    void observe_former(const ControlRecord& record, ControlReport& report) override {
        const auto shown = show(sandbox_.unit, "ActiveState");
        report.checks.push_back(check_of(
            sandbox_.unit + " runs",
            former(record, "active"),
            shown ? shown_property(*shown, "ActiveState") : shown.error().text()));
    }

    UnitSandbox sandbox_;
};

struct MeansOf {
    std::optional<OwnedFile> file;
    std::string folder;

    std::unique_ptr<ControlMeans> operator()(const DisabledUnit& one) const {
        return std::make_unique<DisabledUnitMeans>(one);
    }
    std::unique_ptr<ControlMeans> operator()(const BlacklistedModule& one) const {
        return std::make_unique<ModuleMeans>(one, file);
    }
    std::unique_ptr<ControlMeans> operator()(const KernelSetting& one) const {
        return std::make_unique<SettingMeans>(one, file);
    }
    std::unique_ptr<ControlMeans> operator()(const UnitSandbox& one) const {
        return std::make_unique<SandboxMeans>(one, file);
    }
    std::unique_ptr<ControlMeans> operator()(const RemovedPackage& one) const {
        return package_means(one, folder);
    }
};

}  // namespace

std::unique_ptr<ControlMeans> hardening_means(
    const std::string& id, const mitigate::Hardening& hardening, const std::string& folder) {
    return std::visit(MeansOf{hardening_file(id, hardening), folder}, hardening);
}

}  // namespace thimble::shield
