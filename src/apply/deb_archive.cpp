#include "thimble/apply/deb_archive.hpp"

#include "thimble/apply/deb_control.hpp"
#include "thimble/apply/deb_names.hpp"
#include "thimble/apply/deb_walk.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/zero_epoch.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxControl = std::size_t{16} << 20;
constexpr std::uint64_t kMaxUnpacked = std::uint64_t{32} << 30;
constexpr auto kControlFiles = std::to_array<std::string_view>(
    {"/conffiles", "/control", "/md5sums", "/postinst", "/preinst", "/triggers"});

Error bad_control(const std::string& path) {
    return failure(ErrorKind::Corrupt, "apply.bad_deb", path + " has no sound control files");
}

}  // namespace

Result<DebControl> read_deb_control(const std::string& path) {
    THIMBLE_TRY(DebWalk walk, DebWalk::open(path, "control.tar", kMaxUnpacked));
    std::map<std::string, std::string> files;
    const auto take = [&](const DebEntry& entry) -> Result<bool> {
        if (!entry.is_file || std::ranges::find(kControlFiles, entry.path) == kControlFiles.end()) {
            return true;
        }
        THIMBLE_TRY(auto text, walk.content(kMaxControl));
        if (!text) {
            return bad_control(path);
        }
        files[entry.path] = *std::move(text);
        return true;
    };
    THIMBLE_TRY(walk.each(take));
    DebControl control;
    const ControlFields fields = parse_control_fields(files["/control"]);
    control.name = fields.name;
    control.version = model::without_zero_epoch(fields.version);
    control.written_version = fields.version;
    control.architecture = fields.architecture;
    if (!is_package_name(control.name) || !is_version(control.version)
        || !is_architecture(control.architecture)) {
        return bad_control(path);
    }
    control.remakes_initial_files =
        remakes_initial_files(files["/preinst"] + "\n" + files["/postinst"], files["/triggers"]);
    control.md5sums = std::move(files["/md5sums"]);
    control.conffiles = parse_conffiles(files["/conffiles"]);
    return control;
}

Result<std::map<std::string, DebFile>> read_deb_files(
    const std::string& path, const std::set<std::string>& paths, std::size_t content_limit) {
    std::map<std::string, DebFile> found;
    if (paths.empty()) {
        return found;
    }
    THIMBLE_TRY(DebWalk walk, DebWalk::open(path, "data.tar", kMaxUnpacked));
    const auto take = [&](const DebEntry& entry) -> Result<bool> {
        if (!entry.is_file || !paths.contains(entry.path)) {
            return true;
        }
        Digest digest(DigestKind::Md5);
        DebFile& file = found[entry.path];
        bool too_long = false;
        THIMBLE_TRY(walk.each_piece([&](std::string_view piece) {
            digest.add(piece);
            too_long = too_long || file.content.size() + piece.size() > content_limit;
            file.content += too_long ? std::string_view() : piece;
            return true;
        }));
        if (too_long) {
            file.content.clear();
        }
        file.md5 = digest.finish();
        return found.size() < paths.size();
    };
    THIMBLE_TRY(walk.each(take));
    return found;
}

}  // namespace thimble::apply
