#include "thimble/shield/control_preview.hpp"

#include "thimble/shield/audit_rules.hpp"
#include "thimble/shield/filter_rules.hpp"
#include "thimble/shield/hardening_steps.hpp"
#include "thimble/shield/web_rules.hpp"

namespace thimble::shield {
namespace {

std::string shown(const OwnedFile& file) {
    return "# " + file.path + "\n" + file.text;
}

struct PreviewOf {
    std::string id;

    Result<std::string> operator()(const mitigate::Segmentation& one) const {
        return "# nft -f -\n" + filter_rules(id, one);
    }
    Result<std::string> operator()(const mitigate::Isolation& one) const {
        return "# nft -f -\n" + filter_rules(id, one);
    }
    Result<std::string> operator()(const mitigate::VirtualPatchDelivery& one) const {
        THIMBLE_TRY(const auto files, web_files(id, one));
        std::string text;
        for (const OwnedFile& file : files) {
            text += shown(file);
        }
        text += "# and, where the host has no settings of ModSecurity of its own:\n";
        for (const OwnedFile& file : engine_files(one.server)) {
            text += shown(file);
        }
        return text;
    }
    Result<std::string> operator()(const mitigate::Monitoring& one) const {
        std::string text = "# " + audit_rules_file(id) + "\n";
        for (const std::string& rule : audit_rules(id, one)) {
            text += rule + "\n";
        }
        return text;
    }
    Result<std::string> operator()(const mitigate::Hardening& one) const {
        if (const auto file = hardening_file(id, one)) {
            return shown(*file);
        }
        if (const auto* const package = std::get_if<mitigate::RemovedPackage>(&one)) {
            return "# removed by apt, if nothing needs it; its archive is kept to put it back\n"
                + package->package + "\n";
        }
        return "# systemctl disable --now, systemctl mask\n"
            + std::get<mitigate::DisabledUnit>(one).unit + "\n";
    }
    Result<std::string> operator()(const mitigate::ExternalControl& one) const {
        return "# nothing on this host\n" + one.what + "\n";
    }
};

}  // namespace

Result<std::string> control_preview(std::string_view id, const mitigate::Control& control) {
    return std::visit(PreviewOf{std::string(id)}, control.settings);
}

}  // namespace thimble::shield
