using System.Globalization;
using System.Net;

namespace Protean.Node.Transport;

/// <summary>Where a node is reached, as node records write it: <c>host:port</c>, an IPv6 host in brackets.</summary>
public readonly record struct PeerAddress(string Host, ushort Port)
{
    public static bool TryParse(string text, out PeerAddress address)
    {
        address = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0) return false;
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return false;
        var host = text[..colon];
        if (host is ['[', .., ']']) host = host[1..^1];
        else if (host.Contains(':')) return false;
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown) return false;
        address = new PeerAddress(host, port);
        return true;
    }

    /// <summary>The end point to listen at; only addresses, no names.</summary>
    public static bool TryParseEndPoint(string text, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.None, 0);
        if (!TryParse(text, out var address) || !IPAddress.TryParse(address.Host, out var ip)) return false;
        endPoint = new IPEndPoint(ip, address.Port);
        return true;
    }

    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
