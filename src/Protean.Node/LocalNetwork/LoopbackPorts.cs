using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Protean.Node.LocalNetwork;

/// <summary>Finds ports for a development network.</summary>
internal static class LoopbackPorts
{
    // Below the ports that systems give to outgoing connections: nodes that start first must not take what the others will listen at.
    private const int First = 12_000, Last = 30_000;

    /// <summary>Ports that were free a moment ago, at random so that networks that start together rarely meet.</summary>
    /// <exception cref="RefusedException">There are too few.</exception>
    public static IReadOnlyList<int> Pick(int count)
    {
        var held = new Dictionary<int, Socket>();
        try
        {
            for (var left = 100 * count; held.Count < count; left--)
            {
                if (left == 0) throw new RefusedException(LocalRefusals.NoPorts(count));
                var port = RandomNumberGenerator.GetInt32(First, Last);
                if (!held.ContainsKey(port) && TryHold(port) is { } socket) held.Add(port, socket);
            }
            return [.. held.Keys];
        }
        finally
        {
            foreach (var socket in held.Values) socket.Dispose();
        }
    }

    private static Socket? TryHold(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
