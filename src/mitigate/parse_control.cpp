#include "thimble/base/mapping_reader.hpp"
#include "thimble/base/parse_yaml.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/mitigate/address_prefix.hpp"
#include "thimble/mitigate/control.hpp"
#include "thimble/mitigate/parse_virtual_patch.hpp"
#include "thimble/mitigate/unit_sandbox.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::mitigate {
namespace {

constexpr std::size_t kMostPorts = 64;
constexpr std::size_t kMostPrefixes = 200;
constexpr std::size_t kMostNamed = 32;
constexpr std::ptrdiff_t kMostOutside = 16;
constexpr std::string_view kMarksOfHosts = "._-";
constexpr std::uint32_t kHighestPort = 65'535;
constexpr std::uint32_t kLeastRevert = 5;
constexpr std::uint32_t kMostRevert = 600;
constexpr std::uint32_t kMostWithin = 120;
constexpr std::size_t kMostNameBytes = 128;
constexpr std::string_view kCode = "mitigate.bad_control";

/// What is no text would be written otherwise than it was read.
bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

/// clang 19 must have met a whole value before it meets the members of an object.
Result<JsonValue> document_of(std::string_view text, Result<JsonValue> (*parse)(std::string_view)) {
    if (text.size() > kMaxControlDocument || !is_utf8(text)) {
        return failure(
            ErrorKind::Invalid,
            std::string(kCode),
            "the document of a control is text in UTF-8 of at most 24 KiB");
    }
    THIMBLE_TRY(JsonValue document, parse(text));
    return document;
}

/// Letters, digits and what else a place allows; never an option, never empty.
bool is_word(std::string_view text, std::string_view others) {
    const auto is_one = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || others.contains(c);
    };
    return !text.empty() && text.size() <= kMostNameBytes && text.front() != '-'
        && std::ranges::all_of(text, is_one);
}

/// An absolute path without steps upwards, of characters that no rules file takes for its own.
bool is_path(std::string_view text) {
    return text.size() > 1 && text.front() == '/' && text.back() != '/' && is_word(text, "/_.,+@:-")
        && !text.contains("/../") && !text.ends_with("/..");
}

Result<Transport> read_transport(MappingReader& reader) {
    THIMBLE_TRY(const std::string name, reader.text_or("protocol", "tcp"));
    if (name != "tcp" && name != "udp") {
        return reader.bad("protocol", "tcp or udp is wanted");
    }
    return name == "tcp" ? Transport::Tcp : Transport::Udp;
}

Result<std::uint16_t> read_port(MappingReader& reader) {
    THIMBLE_TRY(const std::uint32_t port, reader.count_or("port", 0, kHighestPort));
    if (port == 0) {
        return reader.bad("port", "a port from 1 to 65535 is wanted");
    }
    return static_cast<std::uint16_t>(port);
}

Result<std::string> read_address(MappingReader& reader) {
    THIMBLE_TRY(const std::string text, reader.text("address"));
    const auto address = address_in(text);
    if (!address) {
        return reader.bad("address", "an IPv4 or IPv6 address is wanted, no name");
    }
    return *address;
}

Result<std::vector<std::string>> read_prefixes(MappingReader& reader, std::string_view name) {
    THIMBLE_TRY(const auto texts, reader.texts(name));
    std::vector<std::string> prefixes;
    prefixes.reserve(texts.size());
    for (const std::string& text : texts) {
        const auto prefix = prefix_in(text);
        if (!prefix) {
            return reader.bad(name, "\"" + text + "\" is no address or prefix, as 10.0.0.0/8");
        }
        prefixes.push_back(*prefix);
    }
    if (prefixes.size() > kMostPrefixes) {
        return reader.bad(name, "at most 200 are wanted");
    }
    return prefixes;
}

Result<GuardedPort> read_guarded(MappingReader& reader) {
    GuardedPort guarded;
    THIMBLE_TRY(guarded.protocol, read_transport(reader));
    THIMBLE_TRY(guarded.port, read_port(reader));
    return guarded;
}

Result<KeptServer> read_kept(MappingReader& reader) {
    KeptServer kept;
    THIMBLE_TRY(kept.protocol, read_transport(reader));
    THIMBLE_TRY(kept.address, read_address(reader));
    THIMBLE_TRY(kept.port, read_port(reader));
    return kept;
}

Result<Management> read_management(MappingReader& reader) {
    Management management;
    THIMBLE_TRY(management.protocol, read_transport(reader));
    THIMBLE_TRY(management.port, read_port(reader));
    THIMBLE_TRY(management.from, read_prefixes(reader, "from"));
    if (management.from.empty()) {
        return reader.bad("from", "say who manages the host");
    }
    return management;
}

Result<ControlProbe> read_probe(MappingReader& reader) {
    ControlProbe probe;
    THIMBLE_TRY(const std::string from, reader.text("from"));
    if (from != "allowed" && from != "refused") {
        return reader.bad("from", "allowed or refused is wanted");
    }
    probe.from_allowed = from == "allowed";
    THIMBLE_TRY(probe.address, read_address(reader));
    THIMBLE_TRY(probe.port, read_port(reader));
    THIMBLE_TRY(probe.space, reader.text_or("space", ""));
    if (!probe.space.empty() && (!is_word(probe.space, "_.-") || probe.space.front() == '.')) {
        return reader.bad("space", "the name of a network namespace is wanted, as ip netns has it");
    }
    THIMBLE_TRY(probe.host, reader.text_or("host", ""));
    THIMBLE_TRY(probe.of, reader.text_or("of", ""));
    if (!probe.host.empty() && (!probe.space.empty() || !is_word(probe.host, kMarksOfHosts))) {
        return reader.bad("host", "the name or id of a host of the fleet is wanted, and no space");
    }
    if (!probe.of.empty() && (probe.host.empty() || !is_word(probe.of, kMarksOfHosts))) {
        return reader.bad("of", "the name or id of a host is wanted, beside the host that asks");
    }
    return probe;
}

/// A list that is bounded.
template <class Item>
Result<std::vector<Item>> read_list(
    MappingReader& reader, std::string_view name, Result<Item> (*read)(MappingReader&)) {
    THIMBLE_TRY(auto items, reader.items<Item>(name, read));
    if (items.size() > kMostPorts) {
        return reader.bad(name, "at most 64 are wanted");
    }
    return items;
}

/// Each costs another host a job, at every verification.
Result<std::vector<ControlProbe>> read_probes(MappingReader& reader) {
    THIMBLE_TRY(auto probes, read_list<ControlProbe>(reader, "probes", read_probe));
    const auto asked_of_hosts = std::ranges::count_if(
        probes, [](const ControlProbe& probe) { return !probe.host.empty(); });
    if (asked_of_hosts > kMostOutside) {
        return reader.bad("probes", "at most 16 with a host are wanted");
    }
    return probes;
}

Result<std::uint32_t> read_revert(MappingReader& reader) {
    constexpr std::uint32_t kUsual = 60;
    THIMBLE_TRY(const auto seconds, reader.count_or("revert_seconds", kUsual, kMostRevert));
    if (seconds < kLeastRevert) {
        return reader.bad("revert_seconds", "5 to 600 are wanted");
    }
    return seconds;
}

Result<ControlSettings> read_segmentation(MappingReader& reader) {
    Segmentation settings;
    THIMBLE_TRY(settings.listeners, read_list<GuardedPort>(reader, "listeners", read_guarded));
    THIMBLE_TRY(settings.allow, read_prefixes(reader, "allow"));
    THIMBLE_TRY(settings.keep, read_list<KeptServer>(reader, "keep", read_kept));
    THIMBLE_TRY(settings.revert_seconds, read_revert(reader));
    THIMBLE_TRY(settings.probes, read_probes(reader));
    if (settings.listeners.empty()) {
        return reader.bad("listeners", "say which ports are guarded");
    }
    const auto is_elsewhere = [&](const ControlProbe& probe) {
        const GuardedPort asked{Transport::Tcp, probe.port};
        return !probe.host.empty()
            && std::ranges::find(settings.listeners, asked) == settings.listeners.end();
    };
    if (std::ranges::any_of(settings.probes, is_elsewhere)) {
        return reader.bad("probes", "a host is to ask for one of the guarded TCP ports");
    }
    return settings;
}

Result<ControlSettings> read_isolation(MappingReader& reader) {
    Isolation settings;
    THIMBLE_TRY(settings.keep, read_list<KeptServer>(reader, "keep", read_kept));
    THIMBLE_TRY(settings.manage, read_list<Management>(reader, "manage", read_management));
    THIMBLE_TRY(settings.revert_seconds, read_revert(reader));
    THIMBLE_TRY(settings.probes, read_probes(reader));
    if (settings.keep.empty()) {
        return reader.bad("keep", "without a server that is kept nobody could end the isolation");
    }
    return settings;
}

Result<void> read_mode(MappingReader& reader, VirtualPatchDelivery& delivery) {
    THIMBLE_TRY(const std::string server, reader.text("server"));
    THIMBLE_TRY(const std::string mode, reader.text_or("mode", "detect"));
    if (server != "nginx" && server != "apache") {
        return reader.bad("server", "nginx or apache is wanted");
    }
    if (mode != "detect" && mode != "block") {
        return reader.bad("mode", "detect or block is wanted");
    }
    delivery.server = server == "nginx" ? WebServer::Nginx : WebServer::Apache;
    delivery.mode = mode == "block" ? ShieldMode::Block : ShieldMode::Detect;
    return {};
}

Result<std::vector<std::uint16_t>> read_ports(MappingReader& reader, std::string_view name) {
    const JsonValue* const value = reader.find(name);
    std::vector<std::uint16_t> ports;
    if (value == nullptr) {
        return ports;
    }
    const auto* const items = std::get_if<JsonValue::Array>(&value->value);
    if (items == nullptr || items->size() > kMostPorts) {
        return reader.bad(name, "a list of at most 64 ports is wanted");
    }
    ports.reserve(items->size());
    for (const JsonValue& item : *items) {
        const auto* const port = std::get_if<std::int64_t>(&item.value);
        if (port == nullptr || *port < 1 || *port > kHighestPort) {
            return reader.bad(name, "ports from 1 to 65535 are wanted");
        }
        ports.push_back(static_cast<std::uint16_t>(*port));
    }
    return ports;
}

Result<ControlSettings> read_delivery(MappingReader& reader) {
    VirtualPatchDelivery settings;
    THIMBLE_TRY(read_mode(reader, settings));
    const JsonValue* const patch = reader.find("patch");
    if (patch == nullptr) {
        return reader.bad("patch", "the description of the attack is wanted; see virtual-patch.md");
    }
    THIMBLE_TRY(
        settings.patch,
        reader.whole<VirtualPatch>(*patch, reader.place_of("patch"), read_virtual_patch));
    if (settings.patch.attack == AttackClass::OwnRules && settings.mode == ShieldMode::Detect) {
        return reader.bad("mode", "own rules say themselves what they do; write mode: block");
    }
    THIMBLE_TRY(settings.address, read_address(reader));
    THIMBLE_TRY(settings.port, read_port(reader));
    THIMBLE_TRY(settings.host, reader.text_or("host", ""));
    if (!settings.host.empty() && !is_word(settings.host, ".-:")) {
        return reader.bad("host", "the name of a host is wanted");
    }
    THIMBLE_TRY(settings.bypass_ports, read_ports(reader, "bypass_ports"));
    return settings;
}

Result<FileWatch> read_watch(MappingReader& reader) {
    FileWatch watch;
    THIMBLE_TRY(watch.path, reader.text("path"));
    THIMBLE_TRY(const std::string wanted, reader.text_or("permissions", "wa"));
    for (const char c : std::string_view("rwxa")) {
        if (wanted.contains(c)) {
            watch.permissions += c;
        }
    }
    if (!is_path(watch.path)) {
        return reader.bad("path", "an absolute path of letters, digits and /_.,+@:- is wanted");
    }
    if (wanted.empty() || watch.permissions.size() != wanted.size()) {
        return reader.bad("permissions", "some of r, w, x and a are wanted, each once");
    }
    return watch;
}

Result<ControlSettings> read_monitoring(MappingReader& reader) {
    constexpr std::uint32_t kUsualWithin = 10;
    Monitoring settings;
    THIMBLE_TRY(settings.watch, reader.items<FileWatch>("watch", read_watch));
    THIMBLE_TRY(settings.programs, reader.texts("programs"));
    THIMBLE_TRY(
        settings.within_seconds, reader.count_or("within_seconds", kUsualWithin, kMostWithin));
    if (!std::ranges::all_of(settings.programs, is_path)) {
        return reader.bad("programs", "absolute paths of letters, digits and /_.,+@:- are wanted");
    }
    const std::size_t rules = settings.watch.size() + settings.programs.size();
    if (rules == 0 || rules > kMostNamed) {
        return reader.bad("watch", "1 to 32 files and programs are wanted");
    }
    return settings;
}

bool is_unit(std::string_view text) {
    static constexpr auto kEndings =
        std::to_array<std::string_view>({".service", ".socket", ".timer", ".path"});
    return is_word(text, ":_.@\\-") && std::ranges::any_of(kEndings, [&](std::string_view ending) {
               return text.size() > ending.size() && text.ends_with(ending);
           });
}

Result<Hardening> read_kernel_setting(MappingReader& reader) {
    KernelSetting setting;
    THIMBLE_TRY(setting.name, reader.text("name"));
    THIMBLE_TRY(setting.value, reader.text("value"));
    if (!is_word(setting.name, "._-") || setting.name.contains("..") || setting.name.front() == '.'
        || setting.name.back() == '.') {
        return reader.bad("name", "a name as net.ipv4.ip_forward is wanted");
    }
    // No path and no pipe: core_pattern and modprobe would start a program.
    if (!is_word(setting.value, " ._") && setting.value != "-1") {
        return reader.bad("value", "letters, digits, dots, blanks and underscores are wanted");
    }
    return setting;
}

Result<Hardening> read_sandbox(MappingReader& reader) {
    UnitSandbox sandbox;
    THIMBLE_TRY(sandbox.unit, reader.text("unit"));
    if (!is_unit(sandbox.unit) || !sandbox.unit.ends_with(".service")) {
        return reader.bad("unit", "the full name of a service is wanted, as nginx.service");
    }
    const JsonValue* const listed = reader.find("directives");
    const auto* const members =
        listed == nullptr ? nullptr : std::get_if<JsonValue::Object>(&listed->value);
    if (members == nullptr || members->empty() || members->size() > kMostNamed) {
        return reader.bad("directives", "a mapping is wanted, as NoNewPrivileges: \"yes\"");
    }
    for (const auto& [name, written] : *members) {
        const auto* const text = std::get_if<std::string>(&written.value);
        const auto value = text == nullptr ? std::nullopt : sandbox_value(name, *text);
        if (!value) {
            return reader.bad(
                "directives",
                name
                    + R"( is not known with that value (a text; "yes" where it is on or off); what is: )"
                    + sandbox_directives());
        }
        sandbox.directives.push_back({name, *value});
    }
    return sandbox;
}

Result<Hardening> read_disabled_unit(MappingReader& reader) {
    THIMBLE_TRY(std::string unit, reader.text("disable_unit"));
    return is_unit(unit) ? Result<Hardening>(DisabledUnit{std::move(unit)})
                         : reader.bad("disable_unit", "a full name is wanted, as cups.service");
}

Result<Hardening> read_blacklisted(MappingReader& reader) {
    THIMBLE_TRY(std::string module, reader.text("blacklist_module"));
    if (!is_word(module, "_-")) {
        return reader.bad("blacklist_module", "the name of a kernel module is wanted");
    }
    std::ranges::replace(module, '-', '_');
    return BlacklistedModule{std::move(module)};
}

/// Without an architecture: a name that two packages of the host have means neither.
Result<Hardening> read_removed_package(MappingReader& reader) {
    constexpr std::string_view kMarks = "+.-";
    THIMBLE_TRY(std::string package, reader.text("remove_package"));
    if (!is_word(package, kMarks) || kMarks.contains(package.front())) {
        return reader.bad("remove_package", "the name of a binary package is wanted, as cups");
    }
    return RemovedPackage{std::move(package)};
}

template <Result<Hardening> (*Read)(MappingReader&)>
Result<Hardening> read_below(MappingReader& reader, const char* name) {
    return reader.whole<Hardening>(*reader.find(name), reader.place_of(name), Read);
}

template <Result<Hardening> (*Read)(MappingReader&)>
Result<Hardening> read_here(MappingReader& reader, const char* /*name*/) {
    return Read(reader);
}

Result<ControlSettings> read_hardening(MappingReader& reader) {
    struct Way {
        const char* name;
        Result<Hardening> (*read)(MappingReader&, const char* name);
    };
    static constexpr auto kWays = std::to_array<Way>(
        {{"disable_unit", read_here<read_disabled_unit>},
         {"blacklist_module", read_here<read_blacklisted>},
         {"sysctl", read_below<read_kernel_setting>},
         {"sandbox", read_below<read_sandbox>},
         {"remove_package", read_here<read_removed_package>}});
    const auto is_told = [&](const Way& way) {
        return reader.find(way.name) != nullptr;
    };
    const auto* const way = std::ranges::find_if(kWays, is_told);
    if (std::ranges::count_if(kWays, is_told) != 1) {
        return reader.bad(
            "settings",
            "one of disable_unit, blacklist_module, sysctl, sandbox and remove_package is wanted");
    }
    THIMBLE_TRY(Hardening hardening, way->read(reader, way->name));
    return hardening;
}

Result<ControlSettings> read_external(MappingReader& reader) {
    ExternalControl settings;
    THIMBLE_TRY(settings.what, reader.text("what"));
    THIMBLE_TRY(settings.reference, reader.text_or("reference", ""));
    return settings;
}

Result<Control> read_control(MappingReader& reader) {
    THIMBLE_TRY(const std::string format, reader.text_or("format", "thimble.control/1"));
    if (format != "thimble.control/1") {
        return reader.bad("format", "thimble.control/1 is wanted");
    }
    THIMBLE_TRY(const std::string name, reader.text("kind"));
    const auto kind = control_kind_named(name);
    if (!kind) {
        return reader.bad(
            "kind",
            "segmentation, isolation, virtual-patch, monitoring, hardening or external is wanted");
    }
    static constexpr auto kReaders = std::to_array<Result<ControlSettings> (*)(MappingReader&)>(
        {read_segmentation,
         read_isolation,
         read_delivery,
         read_monitoring,
         read_hardening,
         read_external});
    const JsonValue* const settings = reader.find("settings");
    if (settings == nullptr) {
        return reader.bad("settings", "it is missing");
    }
    Control control;
    THIMBLE_TRY(
        control.settings,
        reader.whole<ControlSettings>(
            *settings, "settings", kReaders.at(static_cast<std::size_t>(*kind))));
    THIMBLE_TRY(reader.done());
    return control;
}

}  // namespace

Result<Control> parse_control(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, document_of(text, parse_json));
    MappingReader reader(document, "", kCode);
    return read_control(reader);
}

Result<Control> parse_control_file(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, document_of(text, parse_yaml));
    MappingReader reader(document, "", kCode);
    return read_control(reader);
}

}  // namespace thimble::mitigate
