// gRPC: what a peer can make grow on a stream. The size of messages is an option of servers and channels.

/**
 * Messages of one stream that are decoded and that nobody has taken yet: 256. The next stay bytes, which take less: an empty
 * message is 5 bytes in the window and some hundred as an object.
 */
export const maxDecodedAhead = 256;
