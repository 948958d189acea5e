// How the cases of the gRPC C++ client send and read parts.
#pragma once

#include <atomic>
#include <string>

#include "client.h"
#include "streams.h"

// What a slow reader is sent: parts of 16 KiB, of which a quarter may be on the way.
constexpr int slow_parts = 1024;
constexpr int slow_bytes = 16 * 1024;
constexpr int max_held_parts = slow_parts / 4;

using Chat = grpc::ClientReaderWriter<interop::Part, interop::Part>;
using Reader = grpc::internal::ReaderInterface<interop::Part>;
using Writer = grpc::internal::WriterInterface<interop::Part>;

// For as long as a slow reader sleeps.
void sleep_a_while();

// Reads the parts from `first` up to `count`.
void read_some(Reader& call, int first, int count, int payload_bytes);

// Reads on, and must find the end.
void expect_end(Reader& call);

// Sends the parts up to `count`, the order in the first; false when the call ended before. Counts what was accepted.
bool send_parts(Writer& call, int count, int payload_bytes, const interop::Order& order, std::atomic<int>* accepted);

// Sends the parts from `first` to `count`, each after the answer to the one before.
void exchange(Chat& call, int first, int count, const interop::Order& order);

// Ends a call that has nothing more to read.
void end_chat(Chat& call);

void check_summary(const interop::Summary& summary, int count, int payload_bytes);

interop::StreamReport last_stream(const Peer& peer, const std::string& id, bool over);
