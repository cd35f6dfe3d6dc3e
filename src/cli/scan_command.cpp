#include "thimble/cli/scan_command.hpp"

#include "thimble/assess/assess.hpp"
#include "thimble/assess/changelog_evidence.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/error_document.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/first_seen.hpp"
#include "thimble/cli/next_steps.hpp"
#include "thimble/cli/state_directory.hpp"
#include "thimble/cli/state_room.hpp"
#include "thimble/cli/taken_back_memory.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/host/ssh_host.hpp"
#include "thimble/host/ssh_target.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/inventory/rollback_pins.hpp"
#include "thimble/prioritize/order_of_work.hpp"
#include "thimble/report/cyclonedx.hpp"
#include "thimble/report/openvex.hpp"
#include "thimble/report/sarif.hpp"
#include "thimble/report/scan_csv.hpp"
#include "thimble/report/scan_json.hpp"
#include "thimble/report/scan_table.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string_view>

namespace thimble::cli {
namespace {

Result<std::unique_ptr<host::Host>> open_host(const ScanOptions& options) {
    if (!options.root.empty()) {
        THIMBLE_TRY(auto root, host::RootHost::open(options.root));
        return std::unique_ptr<host::Host>(std::move(root));
    }
    if (!options.host.empty()) {
        THIMBLE_TRY(auto target, host::parse_ssh_target(options.host));
        const std::vector<host::Question> questions = inventory::paths_of_interest();
        THIMBLE_TRY(auto ssh, host::SshHost::connect(std::move(target), {}, questions));
        return std::unique_ptr<host::Host>(std::move(ssh));
    }
    return std::unique_ptr<host::Host>(std::make_unique<host::LocalHost>());
}

/// The catalog that was asked for must be there; the default one may be missing, which the report
/// then says.
Result<std::optional<catalog::Catalog>> open_catalog(const ScanOptions& options) {
    const bool asked = !options.catalog.empty();
    const std::string path =
        asked ? options.catalog : catalog_path(state_directory(options.state)).string();
    auto opened = catalog::Catalog::open(path);
    if (!opened && !asked && opened.error().kind == ErrorKind::NotFound) {
        return std::optional<catalog::Catalog>{};
    }
    if (!opened) {
        return std::move(opened).error();
    }
    return std::optional<catalog::Catalog>{*std::move(opened)};
}

inventory::InventoryOptions wanted_of(const ScanOptions& options) {
    inventory::InventoryOptions wanted;
    const bool live = options.root.empty();
    wanted.offers = !options.no_offers;
    // Archives of another system would be fetched from wherever its sources point.
    wanted.changelogs = !options.no_offers && live && options.host.empty();
    wanted.processes = live;
    wanted.listeners = live;
    wanted.cache = state_directory(options.state).string();
    wanted.show_progress = ::isatty(STDERR_FILENO) == 1;
    return wanted;
}

/// A live host remembers when it first saw each finding; a directory has no yesterday.
std::vector<Instant> detection_times(const ScanOptions& options, Scan& scan) {
    if (!options.root.empty()) {
        return std::vector<Instant>(scan.assessment.findings.size(), scan.now);
    }
    const std::string name =
        scan.inventory.machine_id.empty() ? scan.inventory.host : scan.inventory.machine_id;
    std::string safe;
    for (const char c : name) {
        safe += c == '/' || c == '\0' || c == '.' ? '_' : c;
    }
    const auto file = state_directory(options.state) / "first-seen" / (safe + ".tsv");
    auto seen = remember_first_seen(file, scan.inventory, scan.assessment, scan.now);
    if (seen) {
        return *std::move(seen);
    }
    scan.assessment.gaps.push_back(
        {"assess.first_seen_not_kept",
         "when findings were first seen could not be kept, so due dates start today: "
             + seen.error().text(),
         ""});
    return std::vector<Instant>(scan.assessment.findings.size(), scan.now);
}

bool is_utf8_terminal() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') {
            const std::string_view locale(value);
            return locale.contains("UTF-8") || locale.contains("utf8");
        }
    }
    return false;
}

std::string table_of(const ScanOptions& options, const report::ScanReport& report) {
    report::TableStyle style;
    style.most_patches = options.all ? report.work.patches.size() : style.most_patches;
    style.utf8 = is_utf8_terminal();
    style.repeated = options.repeated;
    style.colour = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
    return report::scan_table(report, style);
}

void print(const ScanOptions& options, const report::ScanReport& report, std::ostream& out) {
    switch (options.format) {
        case ScanFormat::Json:
            report::write_scan_json(report, [&out](std::string_view piece) { out << piece; });
            out << '\n';
            break;
        case ScanFormat::Sarif: out << report::scan_sarif(report) << '\n'; break;
        case ScanFormat::Csv: out << report::scan_csv(report); break;
        case ScanFormat::OpenVex: out << report::scan_openvex(report, "Thimble") << '\n'; break;
        case ScanFormat::CycloneDx: out << report::scan_cyclonedx(report) << '\n'; break;
        case ScanFormat::Table: out << table_of(options, report); break;
    }
}

}  // namespace

Result<Scan> make_scan(const ScanOptions& options, bool include_closed) {
    Scan scan;
    scan.now = options.now ? *options.now : host::SystemClock().now();
    THIMBLE_TRY(auto host, open_host(options));
    THIMBLE_TRY(scan.catalog, open_catalog(options));
    THIMBLE_TRY(scan.inventory, inventory::read_inventory(*host, wanted_of(options), scan.now));
    aim_blockers(scan.inventory, options);
    if (!options.running_kernel.empty()) {
        scan.inventory.kernel.running_release = options.running_kernel;
    }
    std::vector<model::Gap> not_blocked;
    if (!options.retry && options.host.empty()) {
        const std::string root =
            options.root.empty() ? "/" : std::filesystem::absolute(options.root).string();
        const TakenBackMemory memory = read_taken_back(state_directory(options.state));
        block_taken_back(memory.patches, root, scan.inventory);
        block_pinned(inventory::read_rollback_pins(*host), scan.inventory);
        not_blocked = gaps_of_memory(memory, root);
    }
    assess::AssessOptions assess_options;
    assess_options.now = scan.now;
    assess_options.include_closed = include_closed;
    const catalog::Catalog* catalog = scan.catalog ? &*scan.catalog : nullptr;
    THIMBLE_TRY(scan.assessment, assess::assess(scan.inventory, catalog, assess_options));
    std::ranges::move(not_blocked, std::back_inserter(scan.assessment.gaps));
    const std::vector<Instant> detected = detection_times(options, scan);
    prioritize::PriorityPolicy policy = options.policy;
    policy.kev_known = has_feed(scan, "kev");
    scan.work = prioritize::order_of_work(scan.inventory, scan.assessment, policy, detected);
    if (auto gap = prioritize::gap_of_unnamed_vulnerabilities(scan.work)) {
        scan.assessment.gaps.push_back(*std::move(gap));
    }
    blame_state(scan.assessment.gaps, state_directory(options.state));
    for (model::Gap& gap : scan.assessment.gaps) {
        gap.next = aimed(gap.next, options);
        gap.detail = aimed(gap.detail, options);
    }
    return scan;
}

bool has_feed(const Scan& scan, std::string_view feed) {
    if (!scan.catalog) {
        return false;
    }
    const auto sources = scan.catalog->sources();
    return sources
        && std::any_of(sources->begin(), sources->end(), [feed](const catalog::Source& source) {
               return source.feed == feed;
           });
}

std::vector<std::string> left_to_changelogs(
    const Scan& scan, const std::vector<std::string>& vulnerabilities) {
    assess::AssessOptions options;
    options.now = scan.now;
    options.include_closed = true;
    const auto all =
        assess::assess(scan.inventory, scan.catalog ? &*scan.catalog : nullptr, options);
    return all ? assess::left_to_changelogs(scan.inventory, *all, vulnerabilities)
               : vulnerabilities;
}

report::ScanReport report_of(const Scan& scan) {
    report::ScanReport report{scan.inventory, scan.assessment, scan.work, {}, {}, scan.now};
    if (!scan.catalog) {
        return report;
    }
    report.catalog_built_at = scan.catalog->built_at();
    if (const auto sources = scan.catalog->sources()) {
        for (const catalog::Source& source : *sources) {
            const bool dated = source.as_of != Instant{};
            report.feeds.push_back(
                {source.feed,
                 dated ? std::optional{source.as_of} : std::nullopt,
                 source.records,
                 source.quarantined,
                 !catalog::staleness(source, scan.now).empty(),
                 source.undated});
        }
    }
    return report;
}

int complain_of_scan(const ScanOptions& options, const Error& error, std::ostream& err) {
    const auto words = [](std::string_view option, const std::string& value) {
        return value.empty() ? std::string() : std::string(option) + shell_word(printable(value));
    };
    AimedLines lines(
        err,
        {.root = words(" --root ", options.root), .state = words(" --state ", options.state)},
        LineWidth::Terminal);
    std::ostream aimed_err(&lines);
    share_error_document(err, aimed_err);
    return complain(aimed_err, error, step_of_catalog(error, options));
}

int run_scan(const ScanOptions& options, std::ostream& out, std::ostream& err) {
    const auto scan = make_scan(options, options.all);
    if (!scan) {
        return complain_of_scan(options, scan.error(), err);
    }
    const report::ScanReport report = report_of(*scan);
    print(options, report, out);
    out << std::flush;
    if (!out) {
        err << "thimble: the output could not be written\n";
        return kCannotWrite;
    }
    return report::scan_exit_status(report, report::summarise(report));
}

}  // namespace thimble::cli
