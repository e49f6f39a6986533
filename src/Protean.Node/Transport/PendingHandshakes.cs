using System.Net;

namespace Protean.Node.Transport;

/// <summary>Counts connections whose peer is not yet known, so that strangers cannot take all of a node's time, nor keep its peers out.</summary>
/// <param name="known">Addresses of peers: what strangers elsewhere do does not count against them.</param>
internal sealed class PendingHandshakes(IEnumerable<IPAddress> known, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly HashSet<IPAddress> _known = [.. known];
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private int _strangers;
    private long _second;
    private int _begunInSecond;

    /// <returns>False where the connection must be closed at once.</returns>
    public bool TryEnter(IPAddress address)
    {
        lock (_gate)
        {
            var fromThere = _byAddress.GetValueOrDefault(address);
            if (fromThere >= Limits.MaxPendingHandshakesPerAddress) return false;
            if (!_known.Contains(address) && !TryEnterStranger()) return false;
            _byAddress[address] = fromThere + 1;
            return true;
        }
    }

    /// <param name="wasPeer">Whether it turned out to be a peer, who may come again from there.</param>
    public void Leave(IPAddress address, bool wasPeer)
    {
        lock (_gate)
        {
            if (--_byAddress[address] == 0) _byAddress.Remove(address);
            if (!_known.Contains(address)) _strangers--;
            if (wasPeer && _known.Count < Limits.MaxPeerAddresses && _known.Add(address)) _strangers -= _byAddress.GetValueOrDefault(address);
        }
    }

    private bool TryEnterStranger()
    {
        var second = time.GetUtcNow().ToUnixTimeSeconds();
        if (second != _second) (_second, _begunInSecond) = (second, 0);
        if (_strangers >= Limits.MaxPendingHandshakes || _begunInSecond >= Limits.MaxHandshakesPerSecond) return false;
        _strangers++;
        _begunInSecond++;
        return true;
    }
}
