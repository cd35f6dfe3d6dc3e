#include "thimble/shield/hardening_steps.hpp"

#include "thimble/base/lines.hpp"

#include <algorithm>

namespace thimble::shield {
namespace {

using mitigate::BlacklistedModule;
using mitigate::DisabledUnit;
using mitigate::KernelSetting;
using mitigate::RemovedPackage;
using mitigate::UnitSandbox;

struct FileOf {
    std::string name;  ///< "thimble-" and the id

    std::optional<OwnedFile> operator()(const RemovedPackage& /*one*/) const {
        return std::nullopt;
    }
    std::optional<OwnedFile> operator()(const DisabledUnit& /*one*/) const { return std::nullopt; }
    std::optional<OwnedFile> operator()(const BlacklistedModule& one) const {
        // A blacklist alone does not stop who asks for the module by its name.
        return OwnedFile{
            "/etc/modprobe.d/" + name + ".conf",
            "blacklist " + one.module + "\ninstall " + one.module + " /bin/false\n"};
    }
    std::optional<OwnedFile> operator()(const KernelSetting& one) const {
        // Last by name, so that no other file undoes it.
        return OwnedFile{"/etc/sysctl.d/zz-" + name + ".conf", one.name + " = " + one.value + "\n"};
    }
    std::optional<OwnedFile> operator()(const UnitSandbox& one) const {
        std::string text = "[Service]\n";
        for (const UnitSandbox::Directive& directive : one.directives) {
            text += directive.name + "=" + directive.value + "\n";
        }
        return OwnedFile{
            "/etc/systemd/system/" + one.unit + ".d/zz-" + name + ".conf", std::move(text)};
    }
};

struct TargetOf {
    std::string operator()(const DisabledUnit& one) const { return "unit " + one.unit; }
    std::string operator()(const BlacklistedModule& one) const { return "module " + one.module; }
    std::string operator()(const KernelSetting& one) const { return "setting " + one.name; }
    std::string operator()(const UnitSandbox& one) const { return "unit " + one.unit; }
    std::string operator()(const RemovedPackage& one) const { return "package " + one.package; }
};

}  // namespace

std::string hardening_target(const mitigate::Hardening& hardening) {
    return std::visit(TargetOf{}, hardening);
}

std::optional<OwnedFile> hardening_file(std::string_view id, const mitigate::Hardening& hardening) {
    return std::visit(FileOf{"thimble-" + std::string(id)}, hardening);
}

std::string path_of_setting(std::string_view name) {
    std::string path = "/proc/sys/" + std::string(name);
    std::ranges::replace(path, '.', '/');
    return path;
}

std::string normal_value(std::string_view value) {
    std::string normal;
    value = trimmed(value);
    for (std::string_view word = take_word(value); !word.empty(); word = take_word(value)) {
        normal.append(normal.empty() ? "" : " ").append(word);
    }
    return normal;
}

std::string shown_property(std::string_view shown, std::string_view name) {
    Lines lines(shown);
    for (std::string_view line; lines.next(line);) {
        if (line.starts_with(name) && line.substr(name.size()).starts_with('=')) {
            return std::string(line.substr(name.size() + 1));
        }
    }
    return {};
}

std::optional<int> users_of_module(std::string_view modules, std::string_view name) {
    Lines lines(modules);
    for (std::string_view line; lines.next(line);) {
        if (take_word(line) == name) {
            take_word(line);  // its size
            return number_in<int>(take_word(line));
        }
    }
    return std::nullopt;
}

}  // namespace thimble::shield
