// The gRPC C++ peer of the interop matrix: `server` serves interop.Probe on a free loopback port until its standard input
// ends; `client HOST:PORT [CASE...]` runs the cases against another server and prints one JSON line for each. With a folder
// of certificates in INTEROP_TLS both speak TLS.
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <string>
#include <vector>

#include "probe.h"

int main(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  if (!arguments.empty() && arguments[0] == "server") return serve();
  if (arguments.size() >= 2 && arguments[0] == "client") {
    return run_cases(arguments[1], {arguments.begin() + 2, arguments.end()});
  }
  if (arguments == std::vector<std::string>{"version"}) {
    std::cout << grpc::Version() << std::endl;
    return 0;
  }
  std::cerr << "usage: probe server | client HOST:PORT [CASE...] | version" << std::endl;
  return 2;
}
