// The program thimble-control: compensating controls. It has the engine of the web application firewall.
#include "thimble/cli/control_command.hpp"
#include "thimble/cli/control_draft_command.hpp"
#include "thimble/cli/control_program.hpp"
#include "thimble/cli/error_document.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/unknown_verb.hpp"
#include "thimble/cli/usage.hpp"
#include "thimble/cli/virtual_patch_command.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>

namespace {

using Action = std::function<int()>;
using thimble::cli::ControlOptions;

void declare_virtual_patch(
    CLI::App& control, thimble::cli::VirtualPatchOptions& options, Action& action) {
    CLI::App* verb = control.add_subcommand(
        "virtual-patch", "Prove a virtual patch on the real engine, and write its rules");
    verb->add_option("FILE", options.file, "Its description; see docs/formats/virtual-patch.md")
        ->required();
    verb->add_option("--output", options.output, "File for the rules; written if the patch holds");
    verb->add_option("--mode", options.mode, "detect (the default) or block")
        ->check(CLI::IsMember({"detect", "block"}));
    verb->add_option(
        "--beside", options.beside, "File of other rules of the server: what both stop together");
    verb->add_flag("--all", options.all, "List every variant, blocked ones too");
    verb->add_flag("--json", options.json, "Print JSON");
    verb->callback([&] {
        action = [&options] {
            return thimble::cli::run_virtual_patch(options, std::cout, std::cerr);
        };
    });
}

/// A verb that works on the controls of this host.
struct HostVerb {
    const char* name = nullptr;
    const char* help = nullptr;
    int (*run)(const ControlOptions&, std::ostream&, std::ostream&) = nullptr;
    bool needs_id = true;
};

CLI::App* declare_on_host(
    CLI::App& control, const HostVerb& verb, ControlOptions& options, Action& action) {
    CLI::App* const app = control.add_subcommand(verb.name, verb.help);
    if (verb.needs_id) {
        app->add_option("--id", options.id, "Its name on this host")->required();
        app->add_option("--digest", options.digest, "SHA-256 that its document must have");
        app->add_option("--job", options.job, "Id of the job that asks for it; the report says it");
    }
    app->add_option("--state", options.state, "Directory where controls are remembered");
    app->add_option("--root", options.root, "Directory that stands for the host: refused");
    app->add_flag("--json", options.json, "Print JSON");
    app->callback([&options, &action, run = verb.run] {
        action = [&options, run] {
            return run(options, std::cout, std::cerr);
        };
    });
    return app;
}

/// It works on nothing of this host.
void declare_probe(CLI::App& control, ControlOptions& options, Action& action) {
    CLI::App* const probe = control.add_subcommand(
        "probe", "Try a TCP port of another host, which a control guards there");
    probe->add_option("--id", options.id, "The control")->required();
    probe->add_option("--digest", options.digest, "SHA-256 of its document")->required();
    probe->add_option("--from", options.from, "Whether this host is to get through")
        ->required()
        ->check(CLI::IsMember({"allowed", "refused"}));
    probe->add_option("--address", options.address, "An IPv4 or IPv6 address")->required();
    probe->add_option("--port", options.port, "The port")->required();
    probe->add_option("--job", options.job, "Id of the job that asks for it; the report says it");
    probe->add_flag("--json", options.json, "Print JSON");
    probe->callback([&options, &action] {
        action = [&options] {
            return thimble::cli::run_control_probe(options, std::cout, std::cerr);
        };
    });
}

void declare_host_verbs(CLI::App& control, ControlOptions& options, Action& action) {
    namespace cli = thimble::cli;
    declare_on_host(
        control,
        {"deploy",
         "Put a control up on this host, and look whether it holds",
         cli::run_control_deploy},
        options,
        action)
        ->add_option("FILE", options.file, "Its document; see docs/formats/control.md")
        ->required();
    CLI::App* const preview =
        control.add_subcommand("preview", "Print what a control would put up; nothing is changed");
    preview->add_option("FILE", options.file, "Its document; see docs/formats/control.md")
        ->required();
    preview->add_option("--id", options.id, "Its name on this host")->default_val("ID");
    preview->callback([&] {
        action = [&options] {
            return cli::run_control_preview(options, std::cout, std::cerr);
        };
    });
    declare_on_host(
        control,
        {"verify", "Look whether a control holds", cli::run_control_verify},
        options,
        action);
    declare_on_host(
        control,
        {"remove", "Take a control away, and look whether it is gone", cli::run_control_remove},
        options,
        action);
    declare_on_host(
        control,
        {"recover", "Bring a control into order that was broken off", cli::run_control_recover},
        options,
        action);
    declare_on_host(
        control,
        {"restore",
         "After a start of the machine: every control stands again",
         cli::run_control_restore,
         false},
        options,
        action)
        ->add_flag(
            "--packet-filter",
            options.packet_filter,
            "Rules of the packet filter alone, at once; what was broken off is left as it is");
    declare_on_host(
        control,
        {"installed", "List the controls of this host", cli::run_control_installed, false},
        options,
        action);
}

void declare_drafts(
    CLI::App& control,
    thimble::cli::SegmentationDraftOptions& draft,
    std::string& file,
    Action& action) {
    CLI::App* const segmentation = control.add_subcommand(
        "segmentation-from-host",
        "Print the document of a segmentation as this host's sockets suggest it");
    segmentation->add_option("--package", draft.package, "Package whose program listens");
    segmentation->add_option("--port", draft.port, "Port on which it listens");
    segmentation->add_option(
        "--keep", draft.keep, "ADDRESS:PORT of a server that the host must reach, as its agent's");
    segmentation->callback([&] {
        action = [&draft] {
            return thimble::cli::run_segmentation_draft(draft, std::cout, std::cerr);
        };
    });
    const auto add = [&](const char* name, const char* help, auto run) {
        CLI::App* const verb = control.add_subcommand(name, help);
        verb->add_option("FILE", file, "A virtual patch; see docs/formats/virtual-patch.md")
            ->required();
        verb->callback([&file, &action, run] {
            action = [&file, run] {
                return run(file, std::cout, std::cerr);
            };
        });
    };
    add("sigma", "Print a virtual patch as a Sigma rule for access logs", thimble::cli::run_sigma);
    add("suricata", "Print a virtual patch as signatures for Suricata", thimble::cli::run_suricata);
}

int run(int argc, char** argv) {
    CLI::App app{"Thimble: what shields a host that cannot be patched", "thimble"};
    app.require_subcommand(1);
    CLI::App* control = app.add_subcommand("control", "Compensating controls");
    control->require_subcommand(1);
    // Those are thimble-fleet: see control_program.hpp.
    control->footer(
        "Of a server's hosts: thimble control list, show, propose, request, approve, enforce, "
        "deploy, verify, attest, renew, resume, retire");
    thimble::cli::VirtualPatchOptions options;
    ControlOptions on_host;
    Action action;
    declare_virtual_patch(*control, options, action);
    declare_host_verbs(*control, on_host, action);
    declare_probe(*control, on_host, action);
    thimble::cli::SegmentationDraftOptions draft;
    std::string file;
    declare_drafts(*control, draft, file, action);
    if (const int refused = thimble::cli::refuse_unknown_verb(
            app, {argv, argv + argc}, std::cerr, thimble::cli::control_verbs_of_server());
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
    thimble::cli::ErrorDocument errors(std::cout, std::cerr, {argv, argv + argc});
    return errors.finish(run(argc, argv));
}
