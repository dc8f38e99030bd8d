//! Which sockets have something to read, asked in one system call.

use std::io;

/// For each file descriptor whether `poll` reports anything for it: data, a hang-up or an error.
///
/// Never waits.
///
/// # Errors
/// What `poll` says, such as more descriptors than the process may have open.
#[cfg(unix)]
pub fn readable(descriptors: impl IntoIterator<Item = i32>) -> io::Result<Vec<bool>> {
    let mut asked: Vec<libc::pollfd> = descriptors
        .into_iter()
        .map(|fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        })
        .collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let count = libc::nfds_t::try_from(asked.len()).map_err(io::Error::other)?;
    // SAFETY: the pointer and the count are those of a vector that nobody else has, and the kernel
    // writes to its elements' `revents` only. A descriptor that is not open is reported, not an error.
    if unsafe { libc::poll(asked.as_mut_ptr(), count, 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(asked.iter().map(|answer| answer.revents != 0).collect())
}

/// There is no `poll` here.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn readable(_descriptors: impl IntoIterator<Item = i32>) -> io::Result<Vec<bool>> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    use super::readable;

    #[test]
    fn each_socket_is_told_apart() {
        let pairs: Vec<_> = (0..40).map(|_| UnixStream::pair().unwrap()).collect();
        let mut expected = Vec::new();
        for (index, (_, other)) in pairs.iter().enumerate() {
            let mut other = other;
            match index % 4 {
                1 => other.write_all(b"x").unwrap(),
                2 => other.shutdown(std::net::Shutdown::Both).unwrap(),
                _ => {}
            }
            expected.push(matches!(index % 4, 1 | 2));
        }
        let asked = pairs.iter().map(|(ours, _)| ours.as_raw_fd());
        assert_eq!(readable(asked).unwrap(), expected);
        assert_eq!(readable([]).unwrap(), [false; 0]);
    }

    #[test]
    fn a_descriptor_that_is_not_open_is_reported() {
        assert_eq!(readable([i32::MAX]).unwrap(), [true]);
    }
}
