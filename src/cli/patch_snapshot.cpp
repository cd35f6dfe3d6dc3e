#include "thimble/cli/patch_snapshot.hpp"

#include "thimble/apply/host_snapshot.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_host.hpp"

#include <string>
#include <system_error>

namespace thimble::cli {
namespace {

Result<void> take(
    const apply::Snapshot& planned, const std::filesystem::path& run, std::ostream& err) {
    // Before it is taken, so that a kill in between leaves no snapshot that nobody knows of. One of snapper has its name only then,
    // and is snapper's own to clear up.
    THIMBLE_TRY(apply::write_whole_file(snapshot_path(run).string(), format_snapshot(planned)));
    const auto taken = apply::take_snapshot(planned, run.filename().string());
    if (!taken) {
        std::error_code error;
        std::filesystem::remove(snapshot_path(run), error);
        return taken.error();
    }
    err << "thimble: snapshot " << apply::snapshot_kind_name(taken->kind) << " " << taken->name
        << '\n';
    return apply::write_whole_file(snapshot_path(run).string(), format_snapshot(*taken));
}

}  // namespace

Result<void> snapshot_before(
    const PatchOptions& options, const std::filesystem::path& run, std::ostream& err) {
    if (options.snapshot == "no") {
        return {};
    }
    const bool required = options.snapshot == "require";
    const auto planned =
        apply::plan_snapshot(apply::read_snapshot_facts(root_of(options)), run.filename().string());
    if (!planned) {
        return required ? Result<void>(failure(
                              ErrorKind::Unsupported,
                              "apply.no_snapshot_means",
                              root_of(options)
                                  + " lies on no btrfs subvolume, dataset of ZFS or volume of LVM "
                                    "whose tools are here, and snapper is not configured for it"))
                        : Result<void>();
    }
    if (auto taken = take(*planned, run, err); !taken) {
        if (required) {
            return taken;
        }
        err << "thimble: no snapshot, the kept archives are the way back: "
            << printable(taken.error().text()) << '\n';
    }
    return {};
}

}  // namespace thimble::cli
