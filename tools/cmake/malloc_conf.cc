// How jemalloc runs in Atoll's binaries; MALLOC_CONF in the environment still overrides it.
//
//   percpu_arena      as many arenas as processors, not four times as many: little is allocated by many threads at once
//   background_thread freed pages return to the system while the process is idle, too; one thread does it
//   dirty_decay_ms    after a second; muzzy pages (MADV_FREE) would still be counted as resident
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf =
    "percpu_arena:percpu,background_thread:true,max_background_threads:1,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
