#include "thimble/agent/idle_memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace thimble::agent {
namespace {

/// The kernel's own object, which no file has.
bool is_vdso(const dl_phdr_info& object) {
    return object.dlpi_addr == ::getauxval(AT_SYSINFO_EHDR);
}

/// Of one loaded object the segments that its file says are never written: they have no copies of ours.
int let_go(dl_phdr_info* object, std::size_t /*size*/, void* page_bytes) {
    const auto page = *static_cast<const std::uintptr_t*>(page_bytes);
    if (is_vdso(*object)) {
        return 0;
    }
    for (const ElfW(Phdr) & segment : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) {
            continue;
        }
        const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
        const std::uintptr_t first = begin & ~(page - 1);
        // NOLINTNEXTLINE(*-reinterpret-cast,performance-no-int-to-ptr): the linker tells addresses as numbers
        ::madvise(reinterpret_cast<void*>(first), begin + segment.p_memsz - first, MADV_DONTNEED);
    }
    return 0;
}

}  // namespace

void give_back_memory() {
    ::malloc_trim(0);
    auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    ::dl_iterate_phdr(let_go, &page);
}

}  // namespace thimble::agent
