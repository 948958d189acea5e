// The two halves of the gRPC C++ peer; both return the exit status of the process.
#pragma once

#include <string>
#include <vector>

// A file of the folder that INTEROP_TLS names.
std::string read_file(const std::string& folder, const std::string& name);

int serve();
int run_cases(const std::string& address, const std::vector<std::string>& names);
