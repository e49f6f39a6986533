namespace Protean.Cli.Chaos;

/// <summary>On the wire between one client and the nodes: cuts the client off where it asks one unit for something.</summary>
/// <param name="path">Of the calls at which it cuts.</param>
/// <param name="delivered">Whether the node still gets the call and answers it, and only the answer is lost.</param>
/// <param name="cut">Kills the client.</param>
internal sealed class CutWire(string path, bool delivered, Action cut) : DelegatingHandler(new SocketsHttpHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri!.AbsolutePath != path) return await base.SendAsync(request, cancellationToken);
        if (delivered) (await base.SendAsync(request, CancellationToken.None)).Dispose();
        cut();
        throw new HttpRequestException("the wire is cut");
    }
}
