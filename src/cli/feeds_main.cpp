// thimble-feeds: what needs archives, JSON and the network. `thimble` starts it.
#include "thimble/cli/catalog_command.hpp"
#include "thimble/cli/error_document.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/feeds_command.hpp"
#include "thimble/cli/unknown_verb.hpp"
#include "thimble/cli/usage.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace {

using thimble::cli::CatalogBuildOptions;
using thimble::cli::FeedsOptions;

/// What the arguments chose to do.
using Action = std::function<int()>;

void declare_catalog(CLI::App& app, CatalogBuildOptions& options, Action& action) {
    CLI::App* catalog = app.add_subcommand("catalog", "The compiled catalog of advisories");
    catalog->require_subcommand(1);
    CLI::App* build =
        catalog->add_subcommand("build", "Compile local files in their public formats");
    build->add_option("--feed", options.feeds, "NAME=FILE_OR_DIRECTORY, for example kev=kev.json")
        ->required();
    build->add_option("--output", options.output, "Catalog to write, atomically")->required();
    build->add_flag("--json", options.json, "Print counts and quarantined records as JSON");
    build->callback([&] {
        action = [&options] {
            return thimble::cli::run_catalog_build(options, std::cout, std::cerr);
        };
    });
}

using FeedsRun = int (*)(const FeedsOptions&, std::ostream&, std::ostream&);

/// A verb of `feeds`, with the options that all of them have.
CLI::App* declare_verb(
    CLI::App& feeds, const char* name, const char* description, FeedsOptions& options) {
    CLI::App* verb = feeds.add_subcommand(name, description);
    verb->add_option("--state", options.state, "Directory of state (THIMBLE_STATE)");
    verb->add_option("--config", options.config, "Directory with feeds.json, trusted-keys");
    verb->add_flag("--json", options.json, "Print JSON");
    return verb;
}

void run_by(CLI::App* verb, FeedsRun run, const FeedsOptions& options, Action& action) {
    verb->callback([run, &options, &action] {
        action = [run, &options] {
            return run(options, std::cout, std::cerr);
        };
    });
}

void declare_feeds(CLI::App& app, FeedsOptions& options, Action& action) {
    CLI::App* feeds = app.add_subcommand("feeds", "The local copy of the public feeds");
    feeds->require_subcommand(1);

    CLI::App* sync = declare_verb(*feeds, "sync", "Fetch what is new", options);
    sync->add_option("FEED", options.feeds, "Only these");
    sync->add_option("--mirror", options.mirror, "Directory to take files from (THIMBLE_MIRROR)");
    sync->add_option("--ecosystem", options.ecosystems, "Of OSV, repeatable: Debian, PyPI, npm");
    run_by(sync, thimble::cli::run_feeds_sync, options, action);

    CLI::App* status = declare_verb(*feeds, "status", "Age, counts, quarantine", options);
    status->add_option("FEED", options.feeds, "Only these, with what was left out and why");
    run_by(status, thimble::cli::run_feeds_status, options, action);

    CLI::App* import = declare_verb(*feeds, "import", "Take a signed bundle", options);
    import->add_option("FILE", options.file, "The bundle")->required();
    import->add_option("--key", options.key, "Public key to trust, or a file with it");
    import->add_flag("--allow-older", options.allow_older, "Also if what is in force is newer");
    run_by(import, thimble::cli::run_feeds_import, options, action);

    CLI::App* bundle = declare_verb(*feeds, "export", "Write a signed bundle", options);
    bundle->add_option("FILE", options.file, "The bundle to write")->required();
    run_by(bundle, thimble::cli::run_feeds_export, options, action);
}

int run(int argc, char** argv) {
    CLI::App app{"Thimble: advisory feeds and the compiled catalog", "thimble"};
    app.require_subcommand(1);
    CatalogBuildOptions build_options;
    FeedsOptions feeds_options;
    Action action;
    declare_catalog(app, build_options, action);
    declare_feeds(app, feeds_options, action);
    if (const int refused = thimble::cli::refuse_unknown_verb(app, {argv, argv + argc}, std::cerr);
        refused != 0) {
        return refused;
    }
    try {
        thimble::cli::parse_arguments(app, argc, argv);
    } catch (const CLI::ParseError& error) {
        return thimble::cli::tell_usage(app, error, std::cout, std::cerr);
    }
    return action();
}

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    thimble::cli::ErrorDocument errors(std::cout, std::cerr, {argv, argv + argc});
    const int status = errors.finish(run(argc, argv));
    std::cout.flush();
    // Output that was lost must not look like an answer.
    return std::cout ? status : thimble::cli::kCannotWrite;
}
