#pragma once
/// @file For tests: archives with whatever members a test needs, hostile ones included.

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace thimble::feeds {

/// Builds an archive in memory.
class ArchiveBuilder {
public:
    enum class Kind { Zip, StoredZip, TarZstd, TarGzip, Tar };

    explicit ArchiveBuilder(Kind kind, std::size_t capacity = kCapacity)
        : archive_(archive_write_new()), bytes_(capacity, '\0') {
        if (kind == Kind::Zip || kind == Kind::StoredZip) {
            archive_write_set_format_zip(archive_);
            if (kind == Kind::StoredZip) {
                archive_write_zip_set_compression_store(archive_);
            }
        } else {
            archive_write_set_format_pax_restricted(archive_);
        }
        if (kind == Kind::TarZstd) {
            archive_write_add_filter_zstd(archive_);
        } else if (kind == Kind::TarGzip) {
            archive_write_add_filter_gzip(archive_);
        }
        archive_write_set_bytes_per_block(archive_, 0);
        EXPECT_EQ(
            archive_write_open_memory(archive_, bytes_.data(), bytes_.size(), &used_), ARCHIVE_OK);
    }
    ArchiveBuilder(const ArchiveBuilder&) = delete;
    ArchiveBuilder& operator=(const ArchiveBuilder&) = delete;
    ArchiveBuilder(ArchiveBuilder&&) = delete;
    ArchiveBuilder& operator=(ArchiveBuilder&&) = delete;
    ~ArchiveBuilder() { archive_write_free(archive_); }

    ArchiveBuilder& add(const std::string& name, std::string_view content) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, name.c_str());
        archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        EXPECT_EQ(archive_write_header(archive_, entry), ARCHIVE_OK);
        EXPECT_EQ(
            archive_write_data(archive_, content.data(), content.size()),
            static_cast<la_ssize_t>(content.size()));
        archive_entry_free(entry);
        return *this;
    }
    ArchiveBuilder& add_symlink(const std::string& name, const std::string& target) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, name.c_str());
        archive_entry_set_filetype(entry, AE_IFLNK);
        archive_entry_set_symlink(entry, target.c_str());
        EXPECT_EQ(archive_write_header(archive_, entry), ARCHIVE_OK);
        archive_entry_free(entry);
        return *this;
    }
    std::string finish() {
        EXPECT_EQ(archive_write_close(archive_), ARCHIVE_OK);
        return bytes_.substr(0, used_);
    }

private:
    static constexpr std::size_t kCapacity = std::size_t{4} << 20U;
    archive* archive_;
    std::string bytes_;
    std::size_t used_ = 0;
};

}  // namespace thimble::feeds
