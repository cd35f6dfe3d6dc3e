#pragma once
/// @file What may be a name, a version, an architecture or an archive of a distribution. What passes can
/// stand as a word of a command: it begins with a letter or a digit and holds no blank, slash or control
/// character.

#include <string_view>

namespace thimble::model {

/// @source Debian Policy 5.6.1; upper case is met in packages of vendors
bool is_package_name(std::string_view text);
/// @source deb-version(7)
bool is_version(std::string_view text);
bool is_architecture(std::string_view text);
/// A plain file name that ends in .deb, .rpm or .apk.
bool is_archive_name(std::string_view text);
/// A path that a shell, apt's configuration and a line-based list leave as it is: absolute,
/// [A-Za-z0-9/._+-] only, at most 4096 bytes, no "..".
bool is_plain_path(std::string_view text);

}  // namespace thimble::model
