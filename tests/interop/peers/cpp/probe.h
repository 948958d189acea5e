// The two halves of the gRPC C++ peer; both return the exit status of the process.
#pragma once

#include <string>
#include <vector>

int serve();
int run_cases(const std::string& address, const std::vector<std::string>& names);
