//! Owners, over sockets and processes that the tests bring.
