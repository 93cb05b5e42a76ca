/** Carriers block them, and nobody sees where they lead. */
export const SHORTENERS: ReadonlySet<string> = new Set(
  `adf.ly bit.do bit.ly bitly.com bl.ink buff.ly clck.ru cutt.ly cutt.us dlvr.it fb.me geni.us goo.gl gg.gg hyperurl.co ift.tt is.gd j.mp kutt.it lnk.to lnkd.in linktr.ee mcaf.ee ow.ly
  po.st qr.ae qrco.de rb.gy rebrand.ly s.id short.cm short.gy short.io shorte.st shorturl.at shorturl.asia snip.ly soo.gd surl.li t.co t.ly t2m.io tiny.cc tiny.one tiny.pl tinyurl.com trib.al
  u.to urlz.fr v.gd v.ht vo.la x.co y2u.be yourls.org zpr.io 1link.in 2.gp`.split(/\s+/),
);
