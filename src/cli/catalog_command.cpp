#include "thimble/cli/catalog_command.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/catalog/builder.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/feed_compilation.hpp"
#include "thimble/feeds/feed_table.hpp"
#include "thimble/host/system_clock.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace thimble::cli {
namespace {

constexpr std::size_t kReasonsShown = 5;

struct FeedPath {
    const feeds::FeedSource* feed = nullptr;
    std::string path;
};

Result<FeedPath> parse_feed(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos || equals + 1 == argument.size()) {
        return failure(
            ErrorKind::Invalid,
            "cli.bad_feed",
            "--feed wants NAME=FILE_OR_DIRECTORY, not \"" + argument + "\"");
    }
    const feeds::FeedSource* feed = feeds::feed_named(argument.substr(0, equals));
    if (feed == nullptr) {
        std::string known;
        for (const feeds::FeedSource& source : feeds::feed_sources()) {
            known += known.empty() ? "" : ", ";
            known += source.name;
        }
        return failure(
            ErrorKind::Invalid,
            "cli.unknown_feed",
            "no feed is called \"" + argument.substr(0, equals) + "\"; known: " + known);
    }
    return FeedPath{feed, argument.substr(equals + 1)};
}

std::string report_json(
    const std::vector<ReadFeed>& read, const catalog::BuildReport& report, std::size_t bytes) {
    std::string out;
    JsonWriter json(out);
    const auto count = [&json](std::string_view name, std::uint64_t value) {
        json.key(name).number(static_cast<std::int64_t>(value));
    };
    json.open_object().member("format", "thimble.catalog_build/1").key("feeds").open_array();
    for (const ReadFeed& feed : read) {
        json.open_object().member("feed", feed.name).member("path", feed.path);
        count("records", feed.summary.records);
        count("bytes", feed.summary.bytes);
        json.key("quarantined").open_array();
        for (const QuarantinedRecord& one : feed.quarantined) {
            json.open_object()
                .member("record", one.record)
                .member("reason", one.reason)
                .close_object();
        }
        json.close_array().close_object();
    }
    json.close_array();
    count("bytes", bytes);
    count("advisories", report.advisories);
    count("withdrawn", report.withdrawn);
    count("vulnerabilities", report.vulnerabilities);
    count("sections", report.sections);
    count("packages", report.packages);
    count("rows", report.rows);
    count("unreadable_ranges", report.unreadable_ranges);
    json.member("unreadable", report.unreadable).key("without_order").open_object();
    for (const auto& [ecosystem, packages] : report.without_order) {
        count(ecosystem, packages);
    }
    json.close_object().close_object();
    return out + "\n";
}

void print_feed(std::ostream& out, const ReadFeed& feed) {
    out << fmt::format(
        "{:<16} {:>8} records {:>7.1f} MB {:>5} quarantined\n",
        feed.name,
        feed.summary.records,
        static_cast<double>(feed.summary.bytes) / 1e6,
        feed.summary.quarantined);
    for (std::size_t i = 0; i < std::min(feed.quarantined.size(), kReasonsShown); ++i) {
        out << "    " << printable(feed.quarantined[i].record, 100) << ": "
            << printable(feed.quarantined[i].reason, 200) << '\n';
    }
}

void print_report(
    std::ostream& out,
    const catalog::BuildReport& report,
    const std::string& output,
    std::size_t bytes) {
    out << fmt::format(
        "{}: {:.1f} MB, {}, {}, {}, {}\n",
        output,
        static_cast<double>(bytes) / 1e6,
        counted(report.sections, "section"),
        counted(report.packages, "package"),
        counted(report.rows, "row"),
        counted(report.vulnerabilities, "vulnerability", "vulnerabilities"));
    if (report.unreadable_ranges > 0) {
        out << fmt::format(
            "{} cannot be ordered; what is named there is reported as unknown:\n",
            counted(report.unreadable_ranges, "range"));
        for (std::size_t i = 0; i < std::min(report.unreadable.size(), kReasonsShown); ++i) {
            out << "    " << printable(report.unreadable[i], 200) << '\n';
        }
    }
    for (const auto& [ecosystem, packages] : report.without_order) {
        out << fmt::format(
            "{}: no order of versions yet, {} left out\n",
            printable(ecosystem, 60),
            counted(packages, "entry", "entries"));
    }
}

}  // namespace

int run_catalog_build(const CatalogBuildOptions& options, std::ostream& out, std::ostream& err) {
    std::vector<FeedPath> paths;
    for (const std::string& argument : options.feeds) {
        auto path = parse_feed(argument);
        if (!path) {
            return complain(err, path.error());
        }
        paths.push_back(*path);
    }
    FeedCompilation compilation;
    for (const FeedPath& path : paths) {
        if (const auto read = compilation.read(*path.feed, path.path); !read) {
            return complain(err, read.error());
        }
    }
    const auto size = compilation.write(options.output, host::SystemClock().now());
    if (!size) {
        return complain_unwritten(err, size.error());
    }
    if (options.json) {
        out << report_json(compilation.read_feeds(), compilation.report(), *size);
        return 0;
    }
    for (const ReadFeed& feed : compilation.read_feeds()) {
        print_feed(out, feed);
    }
    print_report(out, compilation.report(), options.output, *size);
    return 0;
}

}  // namespace thimble::cli
