#include "thimble/server/exception_controls.hpp"

#include "thimble/prioritize/shield.hpp"
#include "thimble/server/control_facts.hpp"
#include "thimble/store/controls.hpp"
#include "thimble/store/fleet.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::server {
namespace {

constexpr std::size_t kMostNamed = 10;

Error broken(std::string rule) {
    return failure(ErrorKind::Invalid, "model.bad_exception", std::move(rule));
}

/// A control that somebody has approved, and that is not over.
struct Shield {
    prioritize::HostControl control;
    std::set<std::string> hosts;  ///< where it is put up, or is to be
};

Result<Shield> shield_named(store::Connection& connection, const std::string& id, Instant now) {
    THIMBLE_TRY(const auto record, store::control_of(connection, id));
    // One that has expired stays on its hosts until a person takes it away, and counts nowhere.
    const bool is_over = record
        && (now >= record->expires_at || record->state == "retired" || record->state == "retiring");
    if (is_over) {
        return broken("the control \"" + id + "\" is over");
    }
    if (!record || record->approved_at == Instant()) {
        return broken("there is no control \"" + id + "\" that somebody has approved");
    }
    Shield shield{covering(*record), {}};
    THIMBLE_TRY(const auto hosts, store::hosts_of_control(connection, id));
    for (const store::ControlHost& host : hosts) {
        const auto state = control_state_of(host.state);
        if (state == rollout::ControlState::Approved || is_control_up(state)) {
            shield.hosts.insert(host.host_id);
        }
    }
    return shield;
}

bool is_about(const prioritize::HostControl& control, const std::string& source) {
    return control.sources.empty()
        || std::ranges::find(control.sources, source) != control.sources.end();
}

/// What of an exception no shield of it covers.
class Gaps {
public:
    explicit Gaps(std::span<const Shield> shields) : shields_(shields) {}

    void look_at(const model::ExceptionScope& scope) {
        for (const std::string& host : scope.hosts) {
            look_at_host(host);
        }
        for (const std::string& source : scope.packages) {
            const bool is_covered = std::ranges::any_of(
                shields_, [&](const Shield& one) { return is_about(one.control, source); });
            if (!is_covered) {
                sources_.insert(source);
            }
        }
        for (const std::string& id : scope.vulnerabilities) {
            const bool is_covered = std::ranges::any_of(shields_, [&](const Shield& one) {
                return std::ranges::find(one.control.covers, id) != one.control.covers.end();
            });
            if (!is_covered) {
                vulnerabilities_.insert(id);
            }
        }
    }

    void look_at(const store::MissedPatch& patch) {
        if (!look_at_host(patch.host_id)) {
            return;
        }
        for (const std::string& id : patch.vulnerabilities) {
            const bool is_covered = std::ranges::any_of(shields_, [&](const Shield& one) {
                return one.hosts.contains(patch.host_id)
                    && prioritize::covers(one.control, id, patch.source);
            });
            if (!is_covered && !vulnerabilities_.contains(id)) {
                vulnerabilities_.insert(id + " in " + patch.source);
            }
        }
    }

    [[nodiscard]] const std::set<std::string>& hosts() const { return hosts_; }
    [[nodiscard]] const std::set<std::string>& sources() const { return sources_; }
    [[nodiscard]] const std::set<std::string>& vulnerabilities() const { return vulnerabilities_; }

private:
    bool look_at_host(const std::string& id) {
        const bool is_covered = std::ranges::any_of(
            shields_, [&](const Shield& one) { return one.hosts.contains(id); });
        if (!is_covered) {
            hosts_.insert(id);
        }
        return is_covered;
    }

    std::span<const Shield> shields_;
    std::set<std::string> hosts_;  ///< ids
    std::set<std::string> sources_;
    std::set<std::string> vulnerabilities_;
};

/// "; packages: a, b and 3 more"
/// @param shown  the first of them
std::string part_of(std::string_view what, const std::vector<std::string>& shown, std::size_t all) {
    if (all == 0) {
        return {};
    }
    std::string text = "; ";
    text.append(what).append(": ");
    for (const std::string& one : shown) {
        text.append(&one == &shown.front() ? "" : ", ").append(one);
    }
    return all == shown.size() ? text
                               : text + " and " + std::to_string(all - shown.size()) + " more";
}

std::vector<std::string> first_of(const std::set<std::string>& texts) {
    const auto most = std::min(texts.size(), kMostNamed);
    return {texts.begin(), std::next(texts.begin(), static_cast<std::ptrdiff_t>(most))};
}

/// The names of the first of some hosts.
Result<std::vector<std::string>> names_of(
    store::Connection& connection, const std::set<std::string>& hosts) {
    const std::vector<std::string> ids = first_of(hosts);
    THIMBLE_TRY(const auto found, store::host_names(connection, ids));
    std::vector<std::string> names;
    names.reserve(found.size());
    std::ranges::transform(found, std::back_inserter(names), &store::HostName::name);
    return names;
}

}  // namespace

Result<void> check_controls(
    store::Connection& connection,
    const model::PatchException& exception,
    std::span<const store::MissedPatch> patches,
    Instant now) {
    if (exception.controls.empty()) {
        return {};
    }
    std::vector<Shield> shields;
    for (const std::string& id : exception.controls) {
        THIMBLE_TRY(Shield shield, shield_named(connection, id, now));
        shields.push_back(std::move(shield));
    }
    Gaps gaps(shields);
    gaps.look_at(exception.scope);
    for (const store::MissedPatch& patch : patches) {
        gaps.look_at(patch);
    }
    THIMBLE_TRY(const auto hosts, names_of(connection, gaps.hosts()));
    const std::string text =
        part_of("hosts without any of them", hosts, gaps.hosts().size())
        + part_of("packages", first_of(gaps.sources()), gaps.sources().size())
        + part_of(
            "vulnerabilities", first_of(gaps.vulnerabilities()), gaps.vulnerabilities().size());
    return text.empty()
        ? Result<void>()
        : Result<void>(
              broken("the controls that it names do not cover all that it leaves open" + text));
}

}  // namespace thimble::server
