// The program thimble-control: compensating controls. It has the engine of the web application firewall.
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/unknown_verb.hpp"
#include "thimble/cli/virtual_patch_command.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>

namespace {

using Action = std::function<int()>;

void declare_virtual_patch(
    CLI::App& control, thimble::cli::VirtualPatchOptions& options, Action& action) {
    CLI::App* verb = control.add_subcommand(
        "virtual-patch", "Prove a virtual patch on the real engine, and write its rules");
    verb->add_option("FILE", options.file, "Its description; see docs/formats/virtual-patch.md")
        ->required();
    verb->add_option("--output", options.output, "File for the rules; written if the patch holds");
    verb->add_option("--mode", options.mode, "detect (the default) or block")
        ->check(CLI::IsMember({"detect", "block"}));
    verb->add_flag("--all", options.all, "List every variant, blocked ones too");
    verb->add_flag("--json", options.json, "Print JSON");
    verb->callback([&] {
        action = [&options] {
            return thimble::cli::run_virtual_patch(options, std::cout, std::cerr);
        };
    });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Thimble: what shields a host that cannot be patched", "thimble"};
    app.require_subcommand(1);
    CLI::App* control = app.add_subcommand("control", "Compensating controls");
    control->require_subcommand(1);
    thimble::cli::VirtualPatchOptions options;
    Action action;
    declare_virtual_patch(*control, options, action);
    if (const int refused = thimble::cli::refuse_unknown_verb(app, {argv, argv + argc}, std::cerr);
        refused != 0) {
        return refused;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : thimble::cli::kUsage;
    }
    return action();
}
