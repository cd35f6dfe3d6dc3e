#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/verify/health.hpp"

#include <cstdint>
#include <utility>

namespace thimble::verify {
namespace {

Result<UnitState> read_unit(const JsonValue& value) {
    JsonMembers members(value);
    UnitState unit{
        .name = members.text("name"), .active = members.text("active"), .sub = members.text("sub")};
    THIMBLE_TRY(members.done());
    return unit;
}

Result<UnitRecord> read_record(const JsonValue& value) {
    JsonMembers members(value);
    UnitRecord record{
        .name = members.text("name"),
        .restarts = members.count("restarts"),
        .enabled = members.boolean("enabled"),
        .started = members.count_or_null("started").value_or(0)};
    THIMBLE_TRY(members.done());
    return record;
}

/// A record of before has none.
void read_records(const JsonValue& document, HealthSnapshot& snapshot) {
    JsonMembers members(document);
    auto records = read_items<UnitRecord>(members.array("records"), read_record);
    if (members.done() && records) {
        snapshot.records = *std::move(records);
        snapshot.records_known = true;
    }
}

Result<ContainerState> read_container(const JsonValue& value) {
    JsonMembers members(value);
    ContainerState container{.scope = members.text("scope"), .lasting = members.boolean("lasting")};
    THIMBLE_TRY(members.done());
    return container;
}

/// A record of before has none.
void read_containers(const JsonValue& document, HealthSnapshot& snapshot) {
    JsonMembers members(document);
    auto containers = read_items<ContainerState>(members.array("containers"), read_container);
    if (members.done() && containers) {
        snapshot.containers = *std::move(containers);
        snapshot.containers_known = true;
    }
}

Result<ProbeResult> read_probe(const JsonValue& value) {
    JsonMembers members(value);
    ProbeResult probe{
        .name = members.text("name"),
        .passed = members.boolean("passed"),
        .detail = members.text("detail"),
        .asked = members.is_null("asked") || members.boolean("asked")};
    THIMBLE_TRY(members.done());
    return probe;
}

Result<HealthSnapshot> read_snapshot(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    HealthSnapshot snapshot;
    snapshot.boot_id = members.text("boot_id");
    snapshot.units_known = members.boolean("units_known");
    THIMBLE_TRY(snapshot.units, read_items<UnitState>(members.array("units"), read_unit));
    snapshot.listeners_known = members.boolean("listeners_known");
    snapshot.listeners = members.texts("listeners");
    constexpr std::uint64_t kMostPort = 65'535;
    const auto first = members.count_or_null("ephemeral_first");
    const auto last = members.count_or_null("ephemeral_last");
    if (first && last && *first <= *last && *last <= kMostPort) {
        snapshot.ephemeral = {
            .first = static_cast<std::uint16_t>(*first), .last = static_cast<std::uint16_t>(*last)};
    }
    snapshot.mounts = members.texts("mounts");
    snapshot.default_routes = members.texts("default_routes");
    THIMBLE_TRY(snapshot.probes, read_items<ProbeResult>(members.array("probes"), read_probe));
    THIMBLE_TRY(members.done());
    read_records(document, snapshot);
    read_containers(document, snapshot);
    return snapshot;
}

}  // namespace

std::string format_health(const HealthSnapshot& snapshot) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("boot_id", snapshot.boot_id);
    json.key("units_known").boolean(snapshot.units_known).key("units").open_array();
    for (const UnitState& unit : snapshot.units) {
        json.open_object().member("name", unit.name).member("active", unit.active);
        json.member("sub", unit.sub).close_object();
    }
    json.close_array();
    if (snapshot.records_known) {
        json.key("records").open_array();
        for (const UnitRecord& record : snapshot.records) {
            json.open_object().member("name", record.name);
            json.key("restarts").number(static_cast<std::int64_t>(record.restarts));
            json.key("enabled").boolean(record.enabled);
            if (record.started > 0) {
                json.key("started").number(static_cast<std::int64_t>(record.started));
            }
            json.close_object();
        }
        json.close_array();
    }
    if (snapshot.containers_known) {
        json.key("containers").open_array();
        for (const ContainerState& container : snapshot.containers) {
            json.open_object().member("scope", container.scope);
            json.key("lasting").boolean(container.lasting).close_object();
        }
        json.close_array();
    }
    json.key("listeners_known").boolean(snapshot.listeners_known);
    json.member("listeners", snapshot.listeners);
    if (snapshot.ephemeral != PortRange{}) {
        json.key("ephemeral_first").number(snapshot.ephemeral.first);
        json.key("ephemeral_last").number(snapshot.ephemeral.last);
    }
    json.member("mounts", snapshot.mounts);
    json.member("default_routes", snapshot.default_routes);
    json.key("probes").open_array();
    for (const ProbeResult& probe : snapshot.probes) {
        json.open_object().member("name", probe.name).key("passed").boolean(probe.passed);
        json.member("detail", probe.detail);
        if (!probe.asked) {
            json.key("asked").boolean(false);
        }
        json.close_object();
    }
    json.close_array().close_object();
    return text;
}

Result<HealthSnapshot> parse_health(std::string_view text) {
    auto snapshot = read_snapshot(text);
    if (!snapshot) {
        Error error = std::move(snapshot).error();
        error.code = "verify.bad_health";
        return because("the record of the host's health", std::move(error));
    }
    return snapshot;
}

std::string format_checks(const std::vector<HealthCheck>& checks) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("checks").open_array();
    for (const HealthCheck& check : checks) {
        json.open_object().member("name", check.name);
        json.member("verdict", check_verdict_name(check.verdict)).member("summary", check.summary);
        json.member("before", check.before);
        json.member("after", check.after);
        json.close_object();
    }
    json.close_array().close_object();
    return text;
}

}  // namespace thimble::verify
