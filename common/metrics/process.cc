#include "common/metrics/process.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace atoll::metrics {
namespace {

double CountOpenFds() {
  DIR* dir = ::opendir("/proc/self/fd");
  if (dir == nullptr) return 0;
  double count = 0;
  while (const dirent* entry = ::readdir(dir)) count += entry->d_name[0] != '.';
  ::closedir(dir);
  return count - 1;  // the one that read the directory
}

double BootTimeSeconds() {
  std::ifstream stat("/proc/stat");
  std::string line;
  while (std::getline(stat, line)) {
    if (line.rfind("btime ", 0) == 0) return std::stod(line.substr(6));
  }
  return 0;
}

}  // namespace

ProcessStats ReadProcessStats() {
  ProcessStats out;
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  // proc(5): the fields follow the command's name, which is in parentheses and may hold anything.
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string field;
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  double user = 0, system = 0, start = 0;
  for (int number = 3; fields >> field; ++number) {
    switch (number) {
      case 14:
        user = std::stod(field);
        break;
      case 15:
        system = std::stod(field);
        break;
      case 22:
        start = std::stod(field);
        break;
      case 23:
        out.virtual_bytes = std::stod(field);
        break;
      case 24:
        out.resident_bytes = std::stod(field) * static_cast<double>(::sysconf(_SC_PAGESIZE));
        break;
      default:
        break;
    }
  }
  out.cpu_seconds = (user + system) / ticks;
  static const double boot = BootTimeSeconds();
  out.start_time_seconds = boot + start / ticks;
  out.open_fds = CountOpenFds();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) out.max_fds = static_cast<double>(limit.rlim_cur);
  return out;
}

}  // namespace atoll::metrics
