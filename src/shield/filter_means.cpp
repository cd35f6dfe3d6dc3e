#include "thimble/base/digest.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/inventory/listeners.hpp"
#include "thimble/mitigate/address_prefix.hpp"
#include "thimble/shield/control_means.hpp"
#include "thimble/shield/filter_rules.hpp"
#include "thimble/shield/reach.hpp"
#include "thimble/shield/revert_guard.hpp"
#include "thimble/shield/segmentation_proposal.hpp"
#include "thimble/shield/system_program.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace thimble::shield {
namespace {

using mitigate::Control;
using mitigate::ControlProbe;
using mitigate::endpoint_text;
using mitigate::Isolation;
using mitigate::KeptServer;
using mitigate::Segmentation;
using mitigate::Transport;

constexpr int kMostTries = 3;

Result<void> load(const std::string& script) {
    THIMBLE_TRY(output_of({"nft", "-f", "-"}, script));
    return {};
}

/// Of the rules that the kernel has in the table of a control.
Result<std::string> digest_in_force(const std::string& id) {
    THIMBLE_TRY(
        const std::string listing,
        output_of({"nft", "-j", "list", "table", "inet", filter_table(id)}));
    THIMBLE_TRY(const std::string form, rules_in_force(listing));
    return sha256_of(form);
}

/// A server may be slow to answer; one that is cut off answers none of the tries. UDP cannot be asked.
bool answers(const KeptServer& kept) {
    for (int tries = 0; kept.protocol == Transport::Tcp && tries < kMostTries; ++tries) {
        const auto reach = try_to_reach(kept.address, kept.port);
        if (reach && *reach == Reach::Connected) {
            return true;
        }
    }
    return kept.protocol == Transport::Udp;
}

/// The first that does not answer; empty: all do.
std::string silent_one(const std::vector<KeptServer>& keep) {
    const auto silent = std::ranges::find_if_not(keep, answers);
    return silent == keep.end() ? std::string() : endpoint_text(silent->address, silent->port);
}

ControlCheck ask(const ControlProbe& probe) {
    const std::string elsewhere = probe.host.empty() ? "elsewhere" : probe.host;
    ControlCheck check{
        .name = "probe " + endpoint_text(probe.address, probe.port) + " from "
            + (probe.space.empty() ? elsewhere : probe.space),
        .expected = probe.from_allowed ? "connected" : "not connected",
        .seen = probe.host.empty() ? "this host cannot ask from that place"
                                   : "the server asks that host",
        .passed = {}};
    if (probe.space.empty()) {
        return check;
    }
    const auto reach = try_to_reach(probe.address, probe.port, probe.space);
    check.seen = reach ? std::string(reach_name(*reach)) : reach.error().text();
    // Who cannot even ask has seen nothing refused.
    if (reach && (*reach != Reach::NoWay || probe.from_allowed)) {
        check.passed = (*reach == Reach::Connected) == probe.from_allowed;
    }
    return check;
}

ControlCheck ask(const KeptServer& kept) {
    ControlCheck check{
        .name = "keeps " + endpoint_text(kept.address, kept.port),
        .expected = "connected",
        .seen = "connected",
        .passed = true};
    if (kept.protocol == Transport::Udp) {
        check.seen = "udp cannot be asked";
        check.passed.reset();
    } else if (!answers(kept)) {
        check.seen = "no connection";
        check.passed = false;
    }
    return check;
}

class FilterMeans final : public ControlMeans {
public:
    FilterMeans(std::string id, Control control)
        : id_(std::move(id)),
          control_(std::move(control)),
          keep_(std::visit(kKeep, control_.settings)),
          probes_(std::visit(kProbes, control_.settings)) {}

    Result<std::vector<FormerState>> remember() override { return std::vector<FormerState>(); }

    Result<void> put_up(ControlRecord& record) override {
        const std::string script = script_of(control_);
        THIMBLE_TRY(output_of({"nft", "-c", "-f", "-"}, script));
        if (const std::string silent = silent_one(keep_); !silent.empty()) {
            return failure(
                ErrorKind::Unavailable,
                "shield.unreachable",
                "the host does not reach " + silent + ", which it must; nothing was changed");
        }
        THIMBLE_TRY(const std::string former, former_script(record));
        THIMBLE_TRY(RevertGuard guard, RevertGuard::start(patience(), [&] {
                        static_cast<void>(load(former));
                    }));
        THIMBLE_TRY(load(script));
        if (const std::string silent = silent_one(keep_); !silent.empty()) {
            return failure(
                ErrorKind::Unavailable,
                "shield.cut_off",
                "with these rules the host does not reach " + silent
                    + ", which it must; they were taken away again");
        }
        THIMBLE_TRY(record.in_force, digest_in_force(id_));
        return guard.confirm();
    }

    void look(const ControlRecord& record, ControlReport& report) override {
        const auto digest = digest_in_force(id_);
        report.checks.push_back(
            {.name = "rules in force",
             .expected = record.in_force,
             .seen = digest ? *digest : digest.error().text(),
             .passed = digest && *digest == record.in_force});
        for (const KeptServer& kept : keep_) {
            report.checks.push_back(ask(kept));
        }
        for (const ControlProbe& probe : probes_) {
            report.checks.push_back(ask(probe));
        }
        if (const auto* const settings = std::get_if<Segmentation>(&control_.settings)) {
            host::LocalHost host;
            model::Inventory inventory;
            inventory::read_listeners(host, inventory);
            report.bypass = unguarded_ports(inventory.listeners, *settings);
        }
    }

    Result<void> take_away(const ControlRecord& /*record*/) override {
        return load(no_filter_rules(id_));
    }

    void look_for(const ControlRecord& /*record*/, ControlReport& report) override {
        const auto digest = digest_in_force(id_);
        report.checks.push_back(
            {.name = "rules in force",
             .expected = "none",
             .seen = digest ? "rules of this control" : "none",
             .passed = !digest});
    }

    Result<void> restore(const ControlRecord& /*record*/) override {
        return load(script_of(control_));
    }

private:
    static constexpr auto kKeep = []<class Settings>(const Settings& settings) {
        if constexpr (requires { settings.keep; }) {
            return settings.keep;
        } else {
            return std::vector<KeptServer>();
        }
    };
    static constexpr auto kProbes = []<class Settings>(const Settings& settings) {
        if constexpr (requires { settings.probes; }) {
            return settings.probes;
        } else {
            return std::vector<ControlProbe>();
        }
    };

    [[nodiscard]] std::string script_of(const Control& control) const {
        const auto* const isolation = std::get_if<Isolation>(&control.settings);
        return isolation != nullptr ? filter_rules(id_, *isolation)
                                    : filter_rules(id_, std::get<Segmentation>(control.settings));
    }

    /// What puts back what stood under this id before.
    [[nodiscard]] Result<std::string> former_script(const ControlRecord& record) const {
        if (record.previous.empty()) {
            return no_filter_rules(id_);
        }
        THIMBLE_TRY(const Control before, mitigate::parse_control(record.previous));
        return script_of(before);
    }

    [[nodiscard]] std::chrono::seconds patience() const {
        const auto* const isolation = std::get_if<Isolation>(&control_.settings);
        return std::chrono::seconds(
            isolation != nullptr ? isolation->revert_seconds
                                 : std::get<Segmentation>(control_.settings).revert_seconds);
    }

    std::string id_;
    Control control_;
    std::vector<KeptServer> keep_;
    std::vector<ControlProbe> probes_;
};

}  // namespace

std::unique_ptr<ControlMeans> filter_means(
    const std::string& id, const mitigate::Control& control) {
    return std::make_unique<FilterMeans>(id, control);
}

}  // namespace thimble::shield
