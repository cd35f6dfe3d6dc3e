// thimble-feeds: what needs archives, JSON and the network. `thimble` starts it.
#include "thimble/cli/catalog_command.hpp"
#include "thimble/cli/exit_status.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    CLI::App app{"Thimble: advisory feeds and the compiled catalog", "thimble"};
    app.require_subcommand(1);

    thimble::cli::CatalogBuildOptions build_options;
    CLI::App* catalog = app.add_subcommand("catalog", "The compiled catalog of advisories");
    catalog->require_subcommand(1);
    CLI::App* build =
        catalog->add_subcommand("build", "Compile local files in their public formats");
    build
        ->add_option(
            "--feed", build_options.feeds, "NAME=FILE_OR_DIRECTORY, for example kev=kev.json")
        ->required();
    build->add_option("--output", build_options.output, "Catalog to write, atomically")->required();
    build->add_flag("--json", build_options.json, "Print counts and quarantined records as JSON");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int status = app.exit(error);
        return status == 0 ? 0 : thimble::cli::kUsage;
    }
    return thimble::cli::run_catalog_build(build_options, std::cout, std::cerr);
}
