using System.Net;
using System.Net.Sockets;

namespace Protean.Node.Transport;

/// <summary>A bound socket, before there is a network on it: so that a free port can be chosen before a genesis names it.</summary>
public sealed class PeerListener : IDisposable
{
    private const int Backlog = 128;

    private PeerListener(Socket socket) => Socket = socket;

    public IPEndPoint EndPoint => (IPEndPoint)Socket.LocalEndPoint!;

    internal Socket Socket { get; }

    /// <exception cref="RefusedException">The port is in use, or the address is not this machine's.</exception>
    public static PeerListener Bind(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return new PeerListener(socket);
        }
        catch (SocketException failed)
        {
            socket.Dispose();
            throw new RefusedException(
                failed.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? NodeRefusals.AddressInUse(endPoint.ToString())
                    : NodeRefusals.AddressUnusable(endPoint.ToString(), failed.Message), failed);
        }
    }

    public void Dispose() => Socket.Dispose();
}
